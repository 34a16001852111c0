/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* MESSAGE_ID= of the messages that a program may want to find in the journal. Documented in netdevd(8);
 * never reused. */

#define MESSAGE_INVALID_CONFIGURATION "6345ecc53a7e4d27ba3999eba309ff18"
#define MESSAGE_DEVICE_CONFIGURED     "2b0440a11241419599e657ae2b8ad1b4"
#define MESSAGE_DEVICE_FAILED         "bb15deec661f45e38cb78dcd85577fb3"
#define MESSAGE_DEVICE_BLOCKED        "fdedcb1ffdeb4fbcaf321030a3be8a3e"
#define MESSAGE_DEVICE_DRIFTED        "2503269279ab4878a8411de03d189e1c"
#define MESSAGE_DEVICE_MISSING        "2f042db8a89d48e3b9f85cea6568a428"
#define MESSAGE_DEVICE_ORPHANED       "78cd35e2dc324c5bba3a3fb7ea5cec19"
#define MESSAGE_SQUATTER              "c39ba7fe327e4562baa8b7e75fd90fd6"
