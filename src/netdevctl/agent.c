/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* It says that it is ready, or cannot be, by closing the descriptor it is given. */

#include "agent.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "base/cleanup.h"

#define READY_MSEC 5000

static void be_agent(int fd, pid_t parent) {
        char fd_text[16], parent_text[16];

        if (prctl(PR_SET_PDEATHSIG, SIGTERM) < 0 || getppid() != parent || fcntl(fd, F_SETFD, 0) < 0)
                _exit(1);
        (void) snprintf(fd_text, sizeof(fd_text), "%d", fd);
        (void) snprintf(parent_text, sizeof(parent_text), "%d", (int) parent);
        (void) execlp("pkttyagent", "pkttyagent", "--process", parent_text, "--notify-fd", fd_text,
                      "--fallback", NULL);
        _exit(127);
}

pid_t agent_start(void) {
        _cleanup_(close_fdp) int ours = -EBADF, its = -EBADF;
        pid_t parent = getpid(), pid;
        int fds[2];

        if (geteuid() == 0 || !isatty(STDIN_FILENO) || pipe2(fds, O_CLOEXEC) < 0)
                return 0;
        ours = fds[0];
        its = fds[1];

        pid = fork();
        if (pid == 0)
                be_agent(its, parent);
        safe_close(take_fd(&its));
        if (pid < 0)
                return 0;

        (void) poll(&(struct pollfd){ .fd = ours }, 1, READY_MSEC);
        return pid;
}

/* One that was stopped by the terminal has to go on to end. */
void agent_stop(pid_t pid) {
        if (pid <= 0)
                return;
        (void) kill(pid, SIGTERM);
        (void) kill(pid, SIGCONT);
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
                ;
}
