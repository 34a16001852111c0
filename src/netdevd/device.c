/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The device object: it holds, it does not decide. */

#include "device.h"

#include <string.h>

Device *device_new(const char *name) {
        Device *d = calloc(1, sizeof(Device));

        if (!d)
                return NULL;
        memcpy(d->name, name, strnlen(name, sizeof(d->name) - 1));
        d->dirty = true;
        d->logged_state = _ADMINISTRATIVE_STATE_INVALID;
        return d;
}

Device *device_free(Device *d) {
        if (!d)
                return NULL;

        leases_drop(&d->leases);
        device_clear_error(d);
        plan_done(&d->plan);
        free(d->told);
        device_forget_rounds(d);
        free(d);
        return NULL;
}

void device_clear_error(Device *d) {
        free(d->error_path);
        free(d->error_text);
        d->error_path = d->error_text = NULL;
        d->error = 0;
        d->error_line = 0;
        d->dirty = true;
}

static void round_done(Round *round) {
        free(round->plan);
        free(round->due);
        *round = (Round){};
}

void device_forget_rounds(Device *d) {
        round_done(&d->last);
        round_done(&d->before);
        d->rounds = 0;
        d->tried = d->by_turns = false;
}

static bool is_round(const Round *round, const char *plan) {
        return plan && round->plan && strcmp(plan, round->plan) == 0;
}

bool device_was_done(const Device *d, const char *plan) {
        return is_round(&d->last, plan) || is_round(&d->before, plan);
}

void device_add_round(Device *d, Round round) {
        bool again = is_round(&d->last, round.plan);

        if (!device_was_done(d, round.plan)) {
                d->rounds = 0;
                d->by_turns = false;
        } else if (!again)
                d->by_turns = true;
        d->rounds++;

        if (!again) {
                round_done(&d->before);
                d->before = d->last;
                d->last = (Round){};
        }
        round_done(&d->last);
        d->last = round;
}

void device_set_error(Device *d, int error, const Source *source, const char *text) {
        device_clear_error(d);
        d->error = abs(error);
        d->error_text = strdup(text ?: "");
        if (source && source->path) {
                d->error_path = strdup(source->path);
                d->error_line = source->line;
        }
}

bool device_has_work(const Device *d) {
        for (size_t i = 0; i < d->plan.n; i++)
                if (!plan_op_is_finding(d->plan.ops[i].type))
                        return true;
        return false;
}

bool device_has_finding(const Device *d, PlanOpType type) {
        for (size_t i = 0; i < d->plan.n; i++)
                if (d->plan.ops[i].type == type)
                        return true;
        return false;
}
