/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Detects what we run in, in the order and with the words of systemd-detect-virt(1), from files and the
 * processor alone. What cannot be read is as if it were not there: a sandbox hides /proc/1 from us, for
 * example, but then the container manager left other signs. */

#include "host-virt.h"

#include <string.h>
#if defined(__i386__) || defined(__x86_64__)
#include <cpuid.h>
#endif

#include "base/cleanup.h"
#include "sysfile.h"

/* Containers first: what $container may say. */
const char *const virtualization_words[] = {
        "docker",
        "lxc",
        "lxc-libvirt",
        "podman",
        "pouch",
        "proot",
        "rkt",
        "systemd-nspawn",
        "wsl",
        "openvz",
        "acrn",
        "amazon",
        "apple",
        "bhyve",
        "bochs",
        "google",
        "kvm",
        "microsoft",
        "oracle",
        "parallels",
        "powervm",
        "qemu",
        "qnx",
        "sre",
        "uml",
        "vmware",
        "xen",
        "zvm",
        "container-other",
        "vm-other",
        NULL,
};

#define N_CONTAINER_WORDS 9

/* What a container manager leaves for programs that run without systemd. */
static const char *container_of_files(void) {
        if (sysfile_exists("/run/.containerenv"))
                return "podman";
        return sysfile_exists("/.dockerenv") ? "docker" : NULL;
}

/* The value of $container of process 1, newly allocated. */
static char *container_of_init(void) {
        _cleanup_(freep) char *environment = NULL;
        size_t n;

        if (sysfile_read("/proc/1/environ", SYSFILE_MAX, &environment, &n) < 0)
                return NULL;
        for (size_t i = 0; i < n; i += strlen(environment + i) + 1)
                if (strncmp(environment + i, "container=", strlen("container=")) == 0)
                        return strdup(environment + i + strlen("container="));
        return NULL;
}

static const char *container_word(const char *value) {
        for (size_t i = 0; i < N_CONTAINER_WORDS; i++)
                if (strcmp(virtualization_words[i], value) == 0)
                        return virtualization_words[i];
        return NULL;
}

const char *virtualization_container(void) {
        _cleanup_(freep) char *release = NULL, *value = NULL;

        /* OpenVZ: the host has /proc/bc, too. */
        if (sysfile_exists("/proc/vz") && !sysfile_exists("/proc/bc"))
                return "openvz";

        release = sysfile_line("/proc/sys/kernel/osrelease");
        if (release && (strstr(release, "Microsoft") || strstr(release, "WSL")))
                return "wsl";

        value = sysfile_line("/run/host/container-manager");
        if (!value)
                value = sysfile_line("/run/systemd/container"); /* process 1 is systemd, and wrote it */
        if (!value)
                value = container_of_init();

        /* "oci" is no manager: images bring it along. */
        if (!value || !*value || strcmp(value, "oci") == 0)
                return container_of_files() ?: (value && *value ? "container-other" : NULL);
        return container_word(value) ?: "container-other";
}

/* The processor has a bit that only hypervisors set, and a leaf where they sign. Returns "" when there is no
 * hypervisor, NULL when the processor cannot tell. */
static const char *machine_of_cpuid(void) {
#if defined(__i386__) || defined(__x86_64__)
        static const struct {
                const char signature[13];
                const char *word;
        } table[] = {
                { "XenVMMXenVMM", "xen" },   { "KVMKVMKVM", "kvm" },       { "Linux KVM Hv", "kvm" },
                { "TCGTCGTCGTCG", "qemu" },  { "VMwareVMware", "vmware" }, { "Microsoft Hv", "microsoft" },
                { "bhyve bhyve ", "bhyve" }, { "QNXQVMBSQG", "qnx" },      { "ACRNACRNACRN", "acrn" },
                { "SRESRESRESRE", "sre" },
        };
        unsigned eax, ebx, ecx, edx;
        char signature[13] = "";

        if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx))
                return NULL;
        if (!(ecx & (1U << 31)))
                return "";

        __cpuid(0x40000000, eax, ebx, ecx, edx);
        memcpy(signature, &ebx, 4);
        memcpy(signature + 4, &ecx, 4);
        memcpy(signature + 8, &edx, 4);
        for (size_t i = 0; i < ELEMENTSOF(table); i++)
                if (strncmp(signature, table[i].signature, sizeof(signature)) == 0)
                        return table[i].word;
        return "vm-other";
#else
        return NULL;
#endif
}

/* The firmware's description of the machine names its maker. */
static const char *machine_of_dmi(void) {
        static const char *const files[] = {
                "/sys/class/dmi/id/product_name",    "/sys/class/dmi/id/sys_vendor",
                "/sys/class/dmi/id/board_vendor",    "/sys/class/dmi/id/bios_vendor",
                "/sys/class/dmi/id/product_version",
        };
        static const struct {
                const char *prefix, *word;
        } table[] = {
                { "KVM", "kvm" },
                { "OpenStack", "kvm" },
                { "KubeVirt", "kvm" },
                { "Amazon EC2", "amazon" },
                { "QEMU", "qemu" },
                { "VMware", "vmware" },
                { "VMW", "vmware" },
                { "innotek GmbH", "oracle" },
                { "VirtualBox", "oracle" },
                { "Oracle Corporation", "oracle" },
                { "Xen", "xen" },
                { "Bochs", "bochs" },
                { "Parallels", "parallels" },
                { "BHYVE", "bhyve" },
                { "Hyper-V", "microsoft" },
                { "Apple Virtualization", "apple" },
                { "Google Compute Engine", "google" },
        };

        for (size_t i = 0; i < ELEMENTSOF(files); i++) {
                _cleanup_(freep) char *text = sysfile_line(files[i]);

                for (size_t j = 0; text && j < ELEMENTSOF(table); j++)
                        if (strncmp(text, table[j].prefix, strlen(table[j].prefix)) == 0)
                                return table[j].word;
        }
        return NULL;
}

/* These rent out bare machines whose firmware says the same; only the processor tells the difference. Oracle
 * makes machines, too. */
static bool dmi_is_of_maker_too(const char *word) {
        return strcmp(word, "amazon") == 0 || strcmp(word, "google") == 0 || strcmp(word, "oracle") == 0;
}

/* Clouds built on others' hypervisors: the firmware knows better than the processor. */
static bool dmi_goes_first(const char *word) {
        return dmi_is_of_maker_too(word) || strcmp(word, "xen") == 0 || strcmp(word, "parallels") == 0;
}

/* The first domain of Xen is the host, and has the capability to control the others. */
static bool is_xen_guest(void) {
        _cleanup_(freep) char *capabilities = NULL;

        if (!sysfile_exists("/proc/xen"))
                return false;
        capabilities = sysfile_line("/proc/xen/capabilities");
        return !capabilities || !strstr(capabilities, "control_d");
}

static bool is_user_mode_linux(void) {
        _cleanup_(freep) char *cpu = NULL;

        return sysfile_read("/proc/cpuinfo", 128, &cpu, NULL) >= 0 && strstr(cpu, "User Mode Linux");
}

static const char *machine_of_devicetree(void) {
        _cleanup_(freep) char *type = sysfile_line("/proc/device-tree/hypervisor/compatible");

        if (!type)
                return sysfile_exists("/proc/device-tree/ibm,partition-name") &&
                                                       sysfile_exists("/proc/device-tree/hmc-managed?") &&
                                                       !sysfile_exists("/proc/device-tree/chosen/"
                                                                       "qemu,graphic-width")
                                       ? "powervm"
                                       : NULL;
        if (strcmp(type, "linux,kvm") == 0)
                return "kvm";
        if (strstr(type, "xen"))
                return "xen";
        return strstr(type, "vmware") ? "vmware" : "vm-other";
}

/* z/VM and KVM on System z. */
static const char *machine_of_sysinfo(void) {
        _cleanup_(freep) char *text = NULL;

        if (sysfile_read("/proc/sysinfo", SYSFILE_MAX, &text, NULL) < 0 || !strstr(text, "Control Program"))
                return NULL;
        return strstr(text, "z/VM") ? "zvm" : "kvm";
}

const char *virtualization_machine(void) {
        _cleanup_(freep) char *hypervisor = NULL;
        const char *cpu = machine_of_cpuid(), *dmi = machine_of_dmi(), *found;
        bool other = false;

        if (dmi && cpu && !*cpu && dmi_is_of_maker_too(dmi))
                dmi = NULL;
        if (dmi && dmi_goes_first(dmi))
                return dmi;
        if (is_user_mode_linux())
                return "uml";
        if (is_xen_guest())
                return "xen";

        if (cpu && *cpu) {
                if (strcmp(cpu, "vm-other") != 0)
                        return cpu;
                other = true;
        }
        if (dmi)
                return dmi;

        hypervisor = sysfile_line("/sys/hypervisor/type");
        if (hypervisor && strcmp(hypervisor, "xen") == 0 && !sysfile_exists("/proc/xen"))
                return "xen";

        found = machine_of_devicetree() ?: machine_of_sysinfo();
        return found ?: (other ? "vm-other" : NULL);
}
