/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The pager is a child, and netdevctl stays the one that returns the exit status. */

#include "pager.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "ctl.h"

static const char *choose(void) {
        const char *pager = getenv("NETDEVD_PAGER") ?: getenv("PAGER") ?: "less";

        return *pager && strcmp(pager, "cat") != 0 ? pager : NULL;
}

static _Noreturn void run_pager(const char *pager, int from) {
        (void) signal(SIGPIPE, SIG_DFL);
        if (dup2(from, STDIN_FILENO) < 0)
                _exit(EXIT_FAILURE);
        (void) setenv("LESS", "FRSXMK", 1);
        (void) setenv("LESSSECURE", "1", 0); /* netdevctl may run by sudo: no shell from here */
        (void) execlp("sh", "sh", "-c", pager, NULL);
        _exit(EXIT_FAILURE);
}

/* With the pager in between nobody else can see that there is a terminal. */
static void keep_colors(void) {
        (void) setenv("NETDEVD_COLORS", ctl_is_fancy(STDOUT_FILENO) ? "yes" : "no", 1);
}

static bool is_there(const char *pager) {
        return strcmp(pager, "less") != 0 || access("/usr/bin/less", X_OK) >= 0 ||
               access("/bin/less", X_OK) >= 0;
}

void pager_open(Pager *p) {
        const char *pager = choose();
        int fds[2];
        pid_t pid;

        if (!isatty(STDOUT_FILENO) || !pager || !is_there(pager) || pipe2(fds, O_CLOEXEC) < 0)
                return;

        keep_colors();
        fflush(stdout);
        pid = fork();
        if (pid == 0)
                run_pager(pager, fds[0]);
        if (pid > 0 && dup2(fds[1], STDOUT_FILENO) >= 0) {
                (void) signal(SIGPIPE, SIG_IGN); /* whoever has seen enough closes it */
                p->pid = pid;
        }
        safe_close(fds[0]);
        safe_close(fds[1]);
}

bool pager_is_open(const Pager *p) {
        return p->pid > 0;
}

void pager_done(Pager *p) {
        if (p->pid <= 0)
                return;
        (void) signal(SIGINT, SIG_IGN); /* the pager's, and it goes on */
        (void) fclose(stdout);          /* its end of input */
        while (waitpid(p->pid, NULL, 0) < 0 && errno == EINTR)
                ;
        p->pid = 0;
}
