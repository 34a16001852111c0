/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* netdevctl explain: everything about one device, in sentences. The parts are in explain-*.c. */

#include <stdarg.h>
#include <string.h>

#include "base/escape.h"
#include "explain.h"

#define LINE_MAX_SHOWN 8192

void say(const char *format, ...) {
        _cleanup_(freep) char *text = NULL, *escaped = NULL;
        va_list ap;
        int n;

        va_start(ap, format);
        n = vasprintf(&text, format, ap);
        va_end(ap);
        if (n < 0) {
                text = NULL;
                return;
        }
        escaped = text_escape(text, LINE_MAX_SHOWN);
        puts(escaped ?: "");
}

/* Either what is to be done, or what is in the way of it. */
static void say_ops(const char *heading, const Plan *plan, bool findings) {
        bool any = false;

        for (size_t i = 0; i < plan->n; i++) {
                const PlanOp *op = plan->ops + i;
                _cleanup_(freep) char *detail = NULL;
                char name[PLAN_OP_NAME_MAX];

                if (plan_op_is_finding(op->type) != findings)
                        continue;
                if (!any)
                        say("%s", heading);
                any = true;
                detail = plan_op_detail(op);
                say("    %s %s", plan_op_name(op, name), detail ?: "");
        }
}

static int explain_plan(const Subject *s) {
        _cleanup_(plan_done) Plan plan = {};
        int r;

        if (!s->want)
                return 0;
        r = actual_plan(s->actual, s->want, &plan);
        if (r < 0)
                return r;

        if (plan.n == 0)
                say("It is as its files say: nothing is left to do.");
        say_ops("In the way:", &plan, true);
        say_ops("Left to do, by 'netdevctl reload':", &plan, false);
        return 0;
}

static void explain_daemon(const Subject *s) {
        const ClientDevice *d = s->bus;

        if (!d->known)
                return;
        say("netdevd says that it is %s.", d->state);
        if (d->error == 0)
                return;
        if (d->error_path[0])
                say("Its last error: %s (%s:%u).", d->error_text, d->error_path, d->error_line);
        else
                say("Its last error: %s.", d->error_text);
}

/* Paragraphs, with an empty line between them. */
static int explain(const Subject *s) {
        explain_declaration(s);
        puts("");
        explain_network(s);
        puts("");
        explain_link(s);
        if (s->link && !s->link->is_tun)
                return 0;
        puts("");
        explain_access(s);
        explain_holders(s);
        explain_carrier(s);
        explain_writing(s);
        puts("");
        explain_daemon(s);
        return explain_plan(s);
}

const char verb_explain_help[] =
                "Tells in sentences all there is to know about one device: where it is\n"
                "declared, which .network file is for it and why the others are not, who may\n"
                "attach to it, who has it open, why it has or has no carrier, why writing to it\n"
                "gives an error, and what is left to do.\n\n"
                "Works without the daemon. As root it sees which processes have the device\n"
                "open.";

int verb_explain(char **args, const Options *options) {
        _cleanup_(client_device_done) ClientDevice bus = {};
        _cleanup_(actual_done) Actual a = {};
        Subject s = { .actual = &a, .name = args[0], .bus = &bus };
        OwnedLink *owned;
        int r;

        if (actual_read(options, &a) < 0)
                return CTL_FAILED;

        s.want = wants_find(&a.wants, s.name);
        s.link = s.want ? plan_find_link(s.want, a.snapshot, &a.owned)
                        : snapshot_by_name(a.snapshot, s.name);
        s.owned = owned = owned_find(&a.owned, s.name);
        if (!s.want && !s.link) {
                (void) actual_find(&a, s.name); /* says that there is none */
                return CTL_FAILED;
        }

        client_ask_device(s.name, &bus);
        if (owned)
                owned->held = bus.carrier_held;
        r = explain(&s);
        return r < 0 ? ctl_error(r, "cannot explain all of it") : CTL_GOOD;
}
