/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* netdevctl exec: becomes the command, as the same process: the daemon knows by it who has the queues, and
 * who waits for it sees the command's own end. Everything that can be wrong is found before the queues are
 * taken, and what goes wrong after that closes all of them, which gives them back. */

#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <systemd/sd-daemon.h>

#include "config/values.h"
#include "exec-args.h"
#include "request.h"

const char verb_exec_help[] =
                "Gets queues of a device from netdevd and runs a command that has them, without\n"
                "any privilege and without /dev/net/tun: root, the owner and the group of the\n"
                "device may, and whom polkit allows org.netdevd1.open-queues.\n\n"
                "The queues are descriptors from 3 on, nonblocking; standard input, output and\n"
                "error stay, everything else is closed. The command finds them as $LISTEN_FDS,\n"
                "$LISTEN_FDNAMES (the name of the device, for each) and $LISTEN_PID say, or in\n"
                "its arguments:\n\n"
                "  {fds}         all of them, \"3:4\"\n"
                "  {fd}          the only one; also in $WG_TUN_FD\n"
                "  {fd0} {fd1}   one by one\n"
                "  {name}        the name of the device\n\n"
                "  netdevctl exec tap0 --queues=2 -- \\\n"
                "          qemu-system-x86_64 -netdev tap,id=n0,fds={fds} ...\n\n"
                "The status is that of the command; 126 when it cannot be run and 127 when it\n"
                "is not found.";

enum {
        EXEC_CANNOT = 126, /* as env(1) and the shells have it */
        EXEC_NOT_FOUND = 127,

        FIRST_FD = 3,
        SPARE_FDS = 32,   /* the bus, and what libraries open */
        CALL_QUEUES = 16, /* more make the bus close the daemon's connection */
};

/* A person may have to type a password. */
#define CALL_USEC (150 * 1000000ULL)

typedef struct Exec {
        ExecQueues queues;
        unsigned inherited; /* descriptors that we were given as $LISTEN_FDS says: they stay, before ours */
        char **args;
        char *names; /* $LISTEN_FDNAMES */
        int fds[EXEC_QUEUES_MAX];
        unsigned n_fds;
} Exec;

static void exec_done(Exec *e) {
        for (unsigned i = 0; i < e->n_fds; i++)
                safe_close(e->fds[i]);
        strv_free(e->args);
        free(e->names);
}

/* By name, else by number; it needs an entry, for its groups. */
static int find_user(const char *name, struct passwd **ret) {
        uint32_t uid;

        if (geteuid() != 0) {
                (void) ctl_error(0, "--user=%s: only root may become somebody else", name);
                return -EPERM;
        }

        errno = 0;
        *ret = getpwnam(name);
        if (!*ret && parse_u32(name, &uid) >= 0)
                *ret = getpwuid(uid);
        if (!*ret) {
                (void) ctl_error(0, "--user=%s: there is no such user on this machine", name);
                return -ESRCH;
        }
        return 0;
}

/* Each is there twice for a moment. The limit is not raised: the command would inherit that. */
static int check_limit(const ExecQueues *q) {
        unsigned needed = q->first + 2 * q->n + SPARE_FDS;
        struct rlimit limit;

        if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= needed)
                return 0;
        (void) ctl_error(0,
                         "%u queue%s need a limit of %u open files to be handed over, and it is %ju; see "
                         "'ulimit -n'",
                         q->n, q->n == 1 ? "" : "s", needed, (uintmax_t) limit.rlim_cur);
        return -EMFILE;
}

static int prepare(Exec *e, char **args, const Options *options) {
        _cleanup_(freep) char *problem = NULL;
        int r;

        r = sd_listen_fds(0);
        if (r < 0) {
                (void) ctl_error(r, "$LISTEN_FDS is not understood");
                return r;
        }
        e->inherited = (unsigned) r;
        e->queues = (ExecQueues){ .name = args[0],
                                  .first = FIRST_FD + e->inherited,
                                  .n = options->queues ?: 1 };

        r = exec_args_expand(args + 1, &e->queues, &e->args, &problem);
        if (r >= 0)
                r = exec_args_join_names(getenv("LISTEN_FDNAMES"), e->inherited, &e->queues, &e->names);
        if (r < 0)
                (void) ctl_error(problem ? 0 : r, "%s", problem ?: "cannot prepare the command");
        return r;
}

/* Out of the way of the numbers that they will have. */
static int take_fds(Exec *e, sd_bus_message *reply, unsigned wanted) {
        int fd, r;

        r = sd_bus_message_enter_container(reply, 'a', "h");
        while (r >= 0 && (r = sd_bus_message_read(reply, "h", &fd)) > 0) {
                if (wanted-- == 0)
                        return -EBADMSG;
                fd = fcntl(fd, F_DUPFD_CLOEXEC, (int) (e->queues.first + e->queues.n));
                if (fd < 0)
                        return -errno;
                e->fds[e->n_fds++] = fd;
        }
        if (r < 0)
                return r;
        return wanted > 0 ? -EBADMSG : 0;
}

static int open_some(Exec *e, Request *q, unsigned n, sd_bus_error *error) {
        _cleanup_(message_unrefp) sd_bus_message *m = NULL, *reply = NULL;
        int r;

        r = sd_bus_message_new_method_call(q->bus, &m, CLIENT_NAME, CLIENT_PATH, CLIENT_MANAGER_INTERFACE,
                                           "OpenQueues");
        if (r >= 0)
                r = sd_bus_message_set_allow_interactive_authorization(m, isatty(STDIN_FILENO));
        if (r >= 0)
                r = sd_bus_message_append(m, "sua{sv}", e->queues.name, (uint32_t) n, 0);
        if (r >= 0)
                r = progress_call(&q->progress, q->bus, m, CALL_USEC, error, &reply);
        return r < 0 ? r : take_fds(e, reply, n);
}

static int open_queues(Exec *e, const Options *options) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        char *names[] = { (char *) e->queues.name, NULL };
        _cleanup_(request_done) Request q = {};
        int r;

        r = request_open(options, names, &q);
        if (r < 0)
                return r;
        while (e->n_fds < e->queues.n) {
                unsigned left = e->queues.n - e->n_fds, before = e->n_fds;

                r = open_some(e, &q, left < CALL_QUEUES ? left : CALL_QUEUES, &error);
                if (r >= 0)
                        continue;
                progress_erase(&q.progress);
                if (before > 0)
                        ctl_note("netdevctl: %u of %u queues were opened, and are given back", before,
                                 e->queues.n);
                client_print_error("OpenQueues", r, &error);
                return r;
        }
        return 0;
}

/* Nothing but standard streams, what $LISTEN_FDS said before, and the queues. */
static int arrange_fds(const Exec *e) {
        unsigned behind = e->queues.first + e->queues.n;

        for (unsigned i = 0; i < e->inherited; i++)
                if (fcntl(FIRST_FD + (int) i, F_SETFD, 0) < 0)
                        return -errno;
        for (unsigned i = 0; i < e->queues.n; i++)
                if (dup2(e->fds[i], (int) (e->queues.first + i)) < 0)
                        return -errno;
        return close_range(behind, ~0U, CLOSE_RANGE_CLOEXEC) < 0 ? -errno : 0;
}

static int set_number(const char *name, unsigned value) {
        char text[16];

        (void) snprintf(text, sizeof(text), "%u", value);
        return setenv(name, text, true) < 0 ? -errno : 0;
}

static int arrange_environment(const Exec *e) {
        int r;

        r = set_number("LISTEN_PID", (unsigned) getpid());
        if (r >= 0)
                r = set_number("LISTEN_FDS", e->inherited + e->queues.n);
        if (r >= 0 && setenv("LISTEN_FDNAMES", e->names ?: "", true) < 0)
                r = -errno;
        if (r >= 0 && e->queues.n == 1)
                r = set_number("WG_TUN_FD", e->queues.first);
        return r;
}

/* The groups while we are root still, and the user last: there is no way back, and none of root's
 * capabilities is left. */
static int become(const struct passwd *user) {
        if (initgroups(user->pw_name, user->pw_gid) < 0 ||
            setresgid(user->pw_gid, user->pw_gid, user->pw_gid) < 0 ||
            setresuid(user->pw_uid, user->pw_uid, user->pw_uid) < 0)
                return -errno;
        if (setenv("USER", user->pw_name, true) < 0 || setenv("LOGNAME", user->pw_name, true) < 0 ||
            setenv("HOME", user->pw_dir, true) < 0 || setenv("SHELL", user->pw_shell, true) < 0)
                return -errno;
        return 0;
}

int verb_exec(char **args, const Options *options) {
        _cleanup_(exec_done) Exec e = {};
        struct passwd *user = NULL;
        int r;

        if (options->user && find_user(options->user, &user) < 0)
                return CTL_FAILED;
        if (prepare(&e, args, options) < 0 || !e.args)
                return CTL_USAGE;
        if (check_limit(&e.queues) < 0 || open_queues(&e, options) < 0)
                return CTL_FAILED;

        r = arrange_fds(&e);
        if (r >= 0)
                r = arrange_environment(&e);
        if (r < 0)
                return ctl_error(r, "cannot pass on the queues");
        r = user ? become(user) : 0;
        if (r < 0)
                return ctl_error(r, "cannot become user %s", options->user);

        (void) execvp(e.args[0], e.args);
        r = errno;
        (void) ctl_error(r, "cannot run %s", e.args[0]);
        return r == ENOENT ? EXEC_NOT_FOUND : EXEC_CANNOT;
}
