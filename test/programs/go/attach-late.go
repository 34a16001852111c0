// SPDX-License-Identifier: LGPL-2.1-or-later

// The wrong order, as in the first program of golang/go#30426: the file is with the runtime's poller when
// TUNSETIFF comes. With "blocking" the ioctl is made on what Fd() returns, which makes the descriptor blocking:
// packets come, and Close() ends no Read(). With "polled" the descriptor stays as it is: no packet ever comes.
//
//	attach-late NAME blocking|polled
//
// prints "ready"; after a line on standard input, which is sent behind a packet, what Read() has had until then
// ("packet", "nothing" or an error); then closes the file and prints whether that ended Read() within a second.
package main

import (
	"bufio"
	"fmt"
	"os"
	"syscall"
	"time"
	"unsafe"
)

const (
	iffTun        = 0x0001
	iffMultiQueue = 0x0100
	iffNoPi       = 0x1000
)

type request struct {
	name  [16]byte
	flags uint16
	_     [22]byte
}

func attach(fd uintptr, name string) error {
	r := request{flags: iffTun | iffMultiQueue | iffNoPi}
	copy(r.name[:15], name)
	_, _, e := syscall.Syscall(syscall.SYS_IOCTL, fd, syscall.TUNSETIFF, uintptr(unsafe.Pointer(&r)))
	if e != 0 {
		return e
	}
	return nil
}

func main() {
	file, err := os.OpenFile("/dev/net/tun", os.O_RDWR, 0)
	if err == nil && os.Args[2] == "blocking" {
		err = attach(file.Fd(), os.Args[1])
	} else if err == nil {
		raw, _ := file.SyscallConn()
		time.Sleep(50 * time.Millisecond) // the poller has seen it
		_ = raw.Control(func(fd uintptr) { err = attach(fd, os.Args[1]) })
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}

	packets, ended := make(chan bool, 1000), make(chan error, 1)
	go func() {
		buffer := make([]byte, 65536)
		for {
			if _, err := file.Read(buffer); err != nil {
				ended <- err
				return
			}
			packets <- true
		}
	}()
	time.Sleep(100 * time.Millisecond)
	fmt.Println("ready")
	_, _ = bufio.NewReader(os.Stdin).ReadString('\n')

	select {
	case <-packets:
		fmt.Println("packet")
	case err := <-ended:
		fmt.Println(err)
		return
	case <-time.After(time.Second):
		fmt.Println("nothing")
	}

	closed := make(chan bool)
	go func() { file.Close(); closed <- true }()
	select {
	case <-ended:
		fmt.Println("Close ended Read")
	case <-time.After(time.Second):
		fmt.Println("Read goes on")
	}
}
