/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Conditions: one test a type, each from text and Host to true, false or an error. An error is no answer,
 * so the condition does not hold then, negated or not. */

#include "condition.h"

#include <assert.h>
#include <fnmatch.h>
#include <string.h>
#include <systemd/sd-id128.h>

#include "base/array.h"
#include "condition-compare.h"
#include "host-virt.h"
#include "keys.h"
#include "sysfile.h"
#include "values.h"
#include "words.h"

static const char *const condition_type_table[_CONDITION_TYPE_MAX] = {
        [CONDITION_HOST] = "Host",
        [CONDITION_VIRTUALIZATION] = "Virtualization",
        [CONDITION_KERNEL_COMMAND_LINE] = "KernelCommandLine",
        [CONDITION_KERNEL_VERSION] = "KernelVersion",
        [CONDITION_CREDENTIAL] = "Credential",
        [CONDITION_ARCHITECTURE] = "Architecture",
        [CONDITION_FIRMWARE] = "Firmware",
};

DEFINE_STRING_TABLE(condition_type, ConditionType);

/* All that systemd has a word for (systemd.unit(5)). */
static const char *const architectures[] = {
        "x86",      "x86-64",      "ppc",       "ppc-le",  "ppc64",  "ppc64-le", "ia64",
        "parisc",   "parisc64",    "s390",      "s390x",   "sparc",  "sparc64",  "mips",
        "mips-le",  "mips64",      "mips64-le", "alpha",   "arm",    "arm-be",   "arm64",
        "arm64-be", "sh",          "sh64",      "m68k",    "tilegx", "cris",     "arc",
        "arc-be",   "loongarch64", "riscv32",   "riscv64", "nios2",  "native",   NULL,
};

/* What this program was built for: on a 64-bit kernel it may be something else than the machine. NULL: not
 * known here, so it is taken for the machine's. */
#if defined(__x86_64__)
#define NATIVE_ARCHITECTURE "x86-64"
#elif defined(__i386__)
#define NATIVE_ARCHITECTURE "x86"
#elif defined(__aarch64__) && !defined(__AARCH64EB__)
#define NATIVE_ARCHITECTURE "arm64"
#elif defined(__arm__) && !defined(__ARMEB__)
#define NATIVE_ARCHITECTURE "arm"
#else
#define NATIVE_ARCHITECTURE NULL
#endif

/* The tests: 1, 0, or -errno when there is no answer. */

static int test_host(const char *value, const Host *host) {
        sd_id128_t id;
        char text[SD_ID128_STRING_MAX];
        int r;

        if (sd_id128_from_string(value, &id) >= 0)
                return host->machine_id ? strcmp(sd_id128_to_string(id, text), host->machine_id) == 0
                                        : -ENODATA;
        if (!host->hostname)
                return -ENODATA;
        r = fnmatch(value, host->hostname, FNM_CASEFOLD);
        return r == 0 ? 1 : r == FNM_NOMATCH ? 0 : -EINVAL;
}

static int test_virtualization(const char *value, const Host *host) {
        bool any, wanted;

        if (strcmp(value, "private-users") == 0)
                return host->private_users;
        if (!host->virtualization)
                return -ENODATA;

        any = strcmp(host->virtualization, "none") != 0;
        if (parse_boolean(value, &wanted) >= 0)
                return wanted == any;
        if (strcmp(value, "vm") == 0)
                return any && !host->virtualization_is_container;
        if (strcmp(value, "container") == 0)
                return host->virtualization_is_container;
        return any && strcmp(value, host->virtualization) == 0;
}

/* "word" is also there as "word=…"; "word=value" must be there just so. */
static int test_kernel_command_line(const char *value, const Host *host) {
        _cleanup_(strv_freep) char **words = NULL;
        bool whole = strchr(value, '=') != NULL;
        size_t n = strlen(value);
        int r;

        if (!host->kernel_command_line)
                return -ENODATA;
        r = split_words_relaxed(host->kernel_command_line, &words);
        if (r < 0)
                return r;

        for (char **w = words; w && *w; w++)
                if (whole ? strcmp(*w, value) == 0
                          : strncmp(*w, value, n) == 0 && ((*w)[n] == '\0' || (*w)[n] == '='))
                        return 1;
        return 0;
}

static int test_kernel_version(const char *value, const Host *host) {
        return host->kernel_release ? compare_all(value, host->kernel_release) : -ENODATA;
}

/* A file name, as credentials are. */
static bool credential_name_is_valid(const char *name) {
        if (!*name || strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || strlen(name) > 255)
                return false;
        for (; *name; name++)
                if (*name < 0x20 || *name > 0x7e || *name == '/' || *name == ':')
                        return false;
        return true;
}

static int test_credential(const char *value, const Host *host) {
        if (!credential_name_is_valid(value))
                return 0;

        for (char **dir = host->credential_dirs; dir && *dir; dir++) {
                _cleanup_(freep) char *path = NULL;

                if (asprintf(&path, "%s/%s", *dir, value) < 0)
                        return -ENOMEM;
                if (sysfile_exists(path))
                        return 1;
                if (errno != ENOENT)
                        return -errno;
        }
        return 0;
}

static int test_architecture(const char *value, const Host *host) {
        if (!host->architecture)
                return -ENODATA;
        if (strcmp(value, "native") == 0)
                value = NATIVE_ARCHITECTURE ?: host->architecture;
        return strcmp(value, host->architecture) == 0;
}

/* What stands in the parentheses of "NAME(…)", newly allocated; NULL for anything else. */
static char *argument_of(const char *value, const char *name) {
        size_t n = strlen(name), length = strlen(value);

        if (strncmp(value, name, n) != 0 || value[n] != '(' || value[length - 1] != ')')
                return NULL;
        return strndup(value + n + 1, length - n - 2);
}

static int test_device_tree_compatible(const char *word, const Host *host) {
        size_t n = strlen(word);

        for (const char *p = host->device_tree_compatible; p && *p; p += *p == '\n') {
                size_t k = strcspn(p, "\n");

                if (k == n && memcmp(p, word, n) == 0)
                        return 1;
                p += k;
        }
        return 0;
}

static void cut_blanks(char *s) {
        size_t n = strlen(s);

        while (n > 0 && strchr(" \t\r\n", s[n - 1]))
                s[--n] = '\0';
}

/* "bios_vendor = Acme": the field is a file below smbios_dir. */
static int test_smbios_field(const char *expression, const Host *host) {
        _cleanup_(freep) char *field = NULL, *path = NULL, *actual = NULL, *wanted = NULL;
        Comparison operator;
        int r;

        r = comparison_split(expression, &field, &operator, & wanted);
        if (r < 0)
                return r;
        if (strchr(field, '/') || field[0] == '.' || !host->smbios_dir)
                return -EINVAL;

        if (asprintf(&path, "%s/%s", host->smbios_dir, field) < 0)
                return -ENOMEM;
        r = sysfile_read(path, 4096, &actual, NULL);
        if (r < 0)
                return r == -ENOENT ? 0 : r;
        cut_blanks(actual);
        return comparison_holds(operator, actual, wanted);
}

static int test_firmware(const char *value, const Host *host) {
        _cleanup_(freep) char *compatible = argument_of(value, "device-tree-compatible");
        _cleanup_(freep) char *field = argument_of(value, "smbios-field");

        if (strcmp(value, "uefi") == 0)
                return host->uefi;
        if (strcmp(value, "device-tree") == 0)
                return host->device_tree_compatible != NULL;
        if (compatible)
                return test_device_tree_compatible(compatible, host);
        return field ? test_smbios_field(field, host) : 0;
}

static int test_value(ConditionType type, const char *value, const Host *host) {
        switch (type) {
        case CONDITION_HOST: return test_host(value, host);
        case CONDITION_VIRTUALIZATION: return test_virtualization(value, host);
        case CONDITION_KERNEL_COMMAND_LINE: return test_kernel_command_line(value, host);
        case CONDITION_KERNEL_VERSION: return test_kernel_version(value, host);
        case CONDITION_CREDENTIAL: return test_credential(value, host);
        case CONDITION_ARCHITECTURE: return test_architecture(value, host);
        case CONDITION_FIRMWARE: return test_firmware(value, host);
        case _CONDITION_TYPE_MAX:
        case _CONDITION_TYPE_INVALID: break;
        }
        return -EINVAL;
}

bool conditions_hold(const Conditions *c, const Host *host, const Condition **ret) {
        assert(c);
        assert(host);

        for (ConditionType t = 0; t < _CONDITION_TYPE_MAX; t++) {
                const Condition *condition = c->items + t;
                bool negative;
                int r;

                if (!condition->value)
                        continue;
                negative = condition->value[0] == '!';
                r = test_value(t, condition->value + negative, host);
                if (r >= 0 && (r > 0) != negative)
                        continue;
                if (ret)
                        *ret = condition;
                return false;
        }
        return true;
}

bool conditions_are_given(const Conditions *c) {
        for (size_t i = 0; i < _CONDITION_TYPE_MAX; i++)
                if (c->items[i].value)
                        return true;
        return false;
}

void conditions_done(Conditions *c) {
        for (size_t i = 0; i < _CONDITION_TYPE_MAX; i++)
                free(c->items[i].value);
        *c = (Conditions){};
}

/* Says that the value holds on no machine; negated, that it holds on each. */
static void advise(const Condition *c, const char *hint, Diagnostics *diag, const char *fault) {
        diag_advise(diag, &c->source, hint, "%s= '%s' %s; the condition %s holds", c->source.key, c->value,
                    fault, c->value[0] == '!' ? "always" : "never");
}

/* The same of something that cannot be tested: not even "!" helps. */
static void advise_malformed(const Condition *c, const char *hint, Diagnostics *diag, const char *fault) {
        diag_advise(diag, &c->source, hint, "%s= '%s' %s; the condition never holds", c->source.key,
                    c->value, fault);
}

static void check_word(const Condition *c, const char *value, const char *const *words, const char *hint,
                       Diagnostics *diag, const char *fault) {
        _cleanup_(freep) char *question = NULL;
        const char *near;

        for (const char *const *w = words; *w; w++)
                if (strcmp(*w, value) == 0)
                        return;

        near = suggest(value, (char *const *) words);
        if (near && asprintf(&question, "did you mean '%s'?", near) < 0)
                question = NULL;
        advise(c, question ?: hint, diag, fault);
}

static void check_virtualization(const Condition *c, const char *value, Diagnostics *diag) {
        bool b;

        if (parse_boolean(value, &b) >= 0 || strcmp(value, "vm") == 0 || strcmp(value, "container") == 0 ||
            strcmp(value, "private-users") == 0)
                return;
        check_word(c, value, virtualization_words,
                   "use yes, no, vm, container, private-users or a word of systemd-detect-virt --list", diag,
                   "is no kind of virtualization");
}

static void check_firmware(const Condition *c, const char *value, Diagnostics *diag) {
        _cleanup_(freep) char *compatible = argument_of(value, "device-tree-compatible");
        _cleanup_(freep) char *expression = argument_of(value, "smbios-field");
        _cleanup_(freep) char *field = NULL, *wanted = NULL;
        Comparison operator;

        if (strcmp(value, "uefi") == 0 || strcmp(value, "device-tree") == 0 || compatible)
                return;
        if (!expression)
                advise(c, "use uefi, device-tree, device-tree-compatible(…) or smbios-field(…)", diag,
                       "is no kind of firmware");
        else if (comparison_split(expression, &field, &operator, & wanted) < 0)
                advise_malformed(c, "write it like smbios-field(sys_vendor = Acme)", diag,
                                 "is no comparison of a field");
}

static void check(ConditionType type, const Condition *c, Diagnostics *diag) {
        const char *value = c->value + (c->value[0] == '!');

        switch (type) {
        case CONDITION_VIRTUALIZATION: check_virtualization(c, value, diag); break;
        case CONDITION_ARCHITECTURE:
                check_word(c, value, architectures,
                           "use native or a word like x86-64 or arm64 (systemd.unit(5) lists them)", diag,
                           "is no architecture");
                break;
        case CONDITION_FIRMWARE: check_firmware(c, value, diag); break;
        case CONDITION_KERNEL_VERSION:
                if (compare_all(value, NULL) < 0)
                        advise_malformed(c, "write it like '>=6.1 <7' or '6.1.*'", diag,
                                         "is no list of comparisons");
                break;
        case CONDITION_CREDENTIAL:
                if (!credential_name_is_valid(value))
                        advise(c, "write the name of a credential", diag, "can be no credential");
                break;
        case CONDITION_HOST: /* any text may be a name, and any word may be on the command line */
        case CONDITION_KERNEL_COMMAND_LINE:
        case _CONDITION_TYPE_MAX:
        case _CONDITION_TYPE_INVALID: break;
        }
}

int conditions_set(Conditions *c, ConditionType type, const char *value, const Source *source,
                   Diagnostics *diag) {
        Condition *condition;
        char *s = NULL;

        assert(type >= 0 && type < _CONDITION_TYPE_MAX);
        condition = c->items + type;

        if (*value) {
                s = strdup(value);
                if (!s)
                        return -ENOMEM;
        }

        free(condition->value);
        /* section and key are words of our own: they outlive the file. */
        *condition = (Condition){ s,
                                  { source->path, source->line, "Match", condition_type_to_string(type) } };
        if (s)
                check(type, condition, diag);
        return 0;
}
