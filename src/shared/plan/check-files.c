/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Files as the machine sees them: whether the daemon's user may read them, and whether systemd-networkd
 * reads them too. Only looks at modes; opens nothing. */

#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "check.h"
#include "config/lookup.h"

static const char *const networkd_dirs[] = {
        "/etc/systemd/network",     "/run/systemd/network", "/usr/local/lib/systemd/network",
        "/usr/lib/systemd/network", "/lib/systemd/network", NULL,
};

/* Links that `systemctl enable` makes, and a directory that appears when it runs. */
static const char *const networkd_signs[] = {
        "/etc/systemd/system/dbus-org.freedesktop.network1.service",
        "/etc/systemd/system/multi-user.target.wants/systemd-networkd.service",
        "/run/systemd/netif/links",
        NULL,
};

void check_machine_read(CheckMachine *ret) {
        const struct passwd *p = getpwnam("netdevd");
        struct stat st;

        *ret = (CheckMachine){};
        for (const char *const *s = networkd_signs; *s; s++)
                ret->networkd = ret->networkd || lstat(*s, &st) == 0;
        if (!p)
                return;

        ret->has_daemon = true;
        ret->uid = p->pw_uid;
        ret->n_groups = CHECK_GROUPS_MAX;
        if (getgrouplist("netdevd", p->pw_gid, ret->groups, &ret->n_groups) < 0)
                ret->n_groups = CHECK_GROUPS_MAX; /* the rest does not fit */
}

static bool is_in(const char *path, const char *const *dirs) {
        for (; dirs && *dirs; dirs++) {
                size_t n = strlen(*dirs);

                while (n > 1 && (*dirs)[n - 1] == '/')
                        n--;
                if (strncmp(path, *dirs, n) == 0 && path[n] == '/')
                        return true;
        }
        return false;
}

bool check_is_networkds(const char *path) {
        _cleanup_(freep) char *real = realpath(path, NULL);

        return is_in(path, networkd_dirs) || (real && is_in(real, networkd_dirs));
}

/* Whether the mode gives the daemon this permission (4 read, 1 enter). Access lists may say otherwise: what
 * has one is left alone. */
static bool may(const char *path, unsigned permission, const CheckMachine *m) {
        unsigned shift = 0;
        struct stat st;

        if (m->uid == 0 || stat(path, &st) < 0 || getxattr(path, "system.posix_acl_access", NULL, 0) > 0)
                return true;

        if (st.st_uid == m->uid)
                shift = 6;
        else
                for (int i = 0; i < m->n_groups; i++)
                        if (st.st_gid == m->groups[i])
                                shift = 3;
        return st.st_mode >> shift & permission;
}

/* *ret_denied gets what stands in the way: "its mode", or that of a directory above it. */
static bool daemon_may_read(const char *path, const CheckMachine *m, char ret_denied[static PATH_MAX + 16]) {
        char real[PATH_MAX];

        if (!realpath(path, real))
                return true; /* reading it has failed, and said why */

        for (char *slash = strchr(real + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
                *slash = 0;
                (void) sprintf(ret_denied, "the mode of %s", real);
                if (!may(real, 1, m))
                        return false;
                *slash = '/';
        }
        strcpy(ret_denied, "its mode");
        return may(real, 4, m);
}

/* Drafts elsewhere are not what the daemon reads. */
static bool is_configured(const char *path, const Settings *settings) {
        return is_in(path, settings && settings->directories ? (const char *const *) settings->directories
                                                             : lookup_default_dirs);
}

static void check_readable(char **files, const Settings *settings, const CheckMachine *m,
                           Diagnostics *diag) {
        char denied[PATH_MAX + 16];

        if (!m->has_daemon)
                return;
        for (char **f = files; f && *f; f++)
                if (is_configured(*f, settings) && !daemon_may_read(*f, m, denied))
                        (void) diag_add(diag, SEVERITY_WARNING, &(Source){ .path = *f },
                                        "let it, for example with chmod a+rX or chgrp netdevd",
                                        "%s keeps user netdevd from reading the file, so the daemon will "
                                        "not "
                                        "load it",
                                        denied);
}

void check_files(const Config *config, const Settings *settings, const CheckMachine *m, Diagnostics *diag) {
        for (size_t i = 0; i < config->n_devices; i++) {
                const DeviceConfig *d = config->devices[i];

                check_readable(d->files, settings, m, diag);
                /* .network files may be shared: udev tells networkd to leave our devices alone. */
                if (m->networkd && d->files && check_is_networkds(d->files[0]))
                        diag_advise(diag, &(Source){ .path = d->files[0] },
                                    "move it to /etc/netdevd/network, or disable systemd-networkd",
                                    "systemd-networkd is enabled here and reads this file too, so both make "
                                    "%s",
                                    d->name);
        }
        for (size_t i = 0; i < config->n_networks; i++)
                check_readable(config->networks[i]->files, settings, m, diag);
}
