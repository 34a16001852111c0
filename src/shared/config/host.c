/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reads what conditions ask about this machine. It is read anew at each load, since the hostname may change;
 * so it must cost little: some twenty small files. */

#include "host.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/utsname.h>
#include <systemd/sd-id128.h>

#include "base/array.h"
#include "host-virt.h"
#include "sysfile.h"

#define SMBIOS_DIR "/sys/class/dmi/id"

Host *host_free(Host *h) {
        if (!h)
                return NULL;

        free(h->hostname);
        free(h->machine_id);
        free(h->kernel_release);
        free(h->kernel_command_line);
        free(h->architecture);
        free(h->virtualization);
        free(h->device_tree_compatible);
        free(h->smbios_dir);
        strv_free(h->credential_dirs);
        free(h);
        return NULL;
}

static int copy(char **field, const char *s) {
        *field = strdup(s);
        return *field ? 0 : -ENOMEM;
}

/* systemd's word for what uname(2) calls the machine. Where the two differ only in spelling, or one of
 * theirs is several of ours. */
static const char *architecture_word(const char *machine) {
        static const struct {
                const char *machine, *word;
        } table[] = {
                { "x86_64", "x86-64" },
                { "i686", "x86" },
                { "i586", "x86" },
                { "i486", "x86" },
                { "i386", "x86" },
                { "aarch64", "arm64" },
                { "aarch64_be", "arm64-be" },
                { "ppc64le", "ppc64-le" },
                { "ppcle", "ppc-le" },
                { "arceb", "arc-be" },
                { "crisv32", "cris" },
                { "sh5", "sh64" },
                { "sh2", "sh" },
                { "sh2a", "sh" },
                { "sh3", "sh" },
                { "sh4", "sh" },
                { "sh4a", "sh" },
        };
        size_t n = strlen(machine);

        for (size_t i = 0; i < ELEMENTSOF(table); i++)
                if (strcmp(table[i].machine, machine) == 0)
                        return table[i].word;

        if (strncmp(machine, "arm", 3) == 0)
                return machine[n - 1] == 'b' ? "arm-be" : "arm";
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
        if (strcmp(machine, "mips") == 0)
                return "mips-le";
        if (strcmp(machine, "mips64") == 0)
                return "mips64-le";
#endif
        return machine;
}

static int read_names(Host *h) {
        struct utsname u;
        char id[SD_ID128_STRING_MAX];
        sd_id128_t machine_id;
        int r;

        (void) uname(&u); /* cannot fail: the buffer is ours */
        r = copy(&h->kernel_release, u.release);
        if (r >= 0)
                r = copy(&h->architecture, architecture_word(u.machine));
        /* As systemd: a machine without a name is "localhost". */
        if (r >= 0)
                r = copy(&h->hostname,
                         *u.nodename && strcmp(u.nodename, "(none)") != 0 ? u.nodename : "localhost");
        if (r >= 0 && sd_id128_get_machine(&machine_id) >= 0)
                r = copy(&h->machine_id, sd_id128_to_string(machine_id, id));
        return r;
}

static int read_virtualization(Host *h) {
        const char *word = virtualization_container();

        h->virtualization_is_container = word != NULL;
        return copy(&h->virtualization, word ?: virtualization_machine() ?: "none");
}

/* The kernel's command line is not the container's: there process 1 has its own. */
static void read_command_line(Host *h) {
        size_t n;

        if (!h->virtualization_is_container)
                (void) sysfile_read("/proc/cmdline", SYSFILE_MAX, &h->kernel_command_line, NULL);
        else if (sysfile_read("/proc/1/cmdline", SYSFILE_MAX, &h->kernel_command_line, &n) >= 0)
                for (size_t i = 0; i < n; i++)
                        if (!h->kernel_command_line[i])
                                h->kernel_command_line[i] = ' ';
}

/* A mapping of all ids onto themselves is what a machine starts with. */
static bool maps_ids(const char *path) {
        _cleanup_(freep) char *map = NULL;
        unsigned long inside, outside, n;

        if (sysfile_read(path, 4096, &map, NULL) < 0)
                return false; /* a kernel without user namespaces */
        return sscanf(map, "%lu %lu %lu", &inside, &outside, &n) != 3 || inside != 0 || outside != 0 ||
               n != UINT32_MAX;
}

static bool in_user_namespace(void) {
        _cleanup_(freep) char *setgroups = NULL;

        if (maps_ids("/proc/self/uid_map") || maps_ids("/proc/self/gid_map"))
                return true;
        setgroups = sysfile_line("/proc/self/setgroups");
        return setgroups && strcmp(setgroups, "deny") == 0;
}

static int read_firmware(Host *h) {
        size_t n;
        int r;

        h->uefi = !h->virtualization_is_container && sysfile_exists("/sys/firmware/efi");

        if (!sysfile_exists("/sys/firmware/devicetree"))
                return 0;
        r = sysfile_read("/proc/device-tree/compatible", SYSFILE_MAX, &h->device_tree_compatible, &n);
        if (r < 0)
                return copy(&h->device_tree_compatible, "");
        for (size_t i = 0; i < n; i++)
                if (!h->device_tree_compatible[i])
                        h->device_tree_compatible[i] = '\n';
        return 0;
}

static int read_credential_dirs(Host *h) {
        static const char *const names[] = { "CREDENTIALS_DIRECTORY", "ENCRYPTED_CREDENTIALS_DIRECTORY" };
        int r = 0;

        for (size_t i = 0; i < ELEMENTSOF(names) && r >= 0; i++) {
                const char *dir = getenv(names[i]);

                if (dir && dir[0] == '/')
                        r = strv_append(&h->credential_dirs, dir);
        }
        return r;
}

int host_read(Host **ret) {
        _cleanup_(host_freep) Host *h = calloc(1, sizeof(Host));
        int r;

        if (!h)
                return -ENOMEM;

        r = read_names(h);
        if (r >= 0)
                r = read_virtualization(h);
        if (r >= 0)
                r = read_firmware(h);
        if (r >= 0)
                r = read_credential_dirs(h);
        if (r >= 0)
                r = copy(&h->smbios_dir, SMBIOS_DIR);
        if (r < 0)
                return r;

        read_command_line(h);
        h->private_users = in_user_namespace();
        *ret = TAKE_PTR(h);
        return 0;
}
