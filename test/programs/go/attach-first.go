// SPDX-License-Identifier: LGPL-2.1-or-later

// The right order: the descriptor is attached and nonblocking before the runtime's poller sees it. Here it comes
// from netdevd like that, as descriptor 3.
//
//	attach-first
//
// prints "ready"; after a line on standard input, which is sent behind packets, how many have been read; then
// closes the file and prints whether that ended Read(), and how.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"time"
)

func main() {
	file := os.NewFile(3, "tun")
	ended := make(chan error, 1)
	var n int64

	go func() {
		buffer := make([]byte, 65536)
		for {
			size, err := file.Read(buffer)
			if err != nil {
				ended <- err
				return
			}
			if size >= 20 && buffer[0]>>4 == 4 && buffer[9] == 1 { // ICMP
				atomic.AddInt64(&n, 1)
			}
		}
	}()
	fmt.Println("ready")
	_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
	time.Sleep(200 * time.Millisecond)
	fmt.Println("packets", atomic.LoadInt64(&n))

	file.Close()
	select {
	case err := <-ended:
		fmt.Println("Close ended Read:", errors.Is(err, os.ErrClosed))
	case <-time.After(time.Second):
		fmt.Println("Read goes on")
	}
}
