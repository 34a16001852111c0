/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Runs a fuzz target once over each file given as argument: its corpus, or what a fuzzer found. Without
 * libFuzzer, which has a main() of its own. */

#include <stdint.h>

#include "base/cleanup.h"

#define INPUT_MAX (1024 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int main(int argc, char *argv[]) {
        _cleanup_(freep) uint8_t *data = malloc(INPUT_MAX);

        for (int i = 1; i < argc && data; i++) {
                _cleanup_(fclosep) FILE *f = fopen(argv[i], "re");

                if (!f) {
                        perror(argv[i]);
                        return EXIT_FAILURE;
                }
                (void) LLVMFuzzerTestOneInput(data, fread(data, 1, INPUT_MAX, f));
        }

        printf("%d inputs\n", argc - 1);
        return data && argc > 1 ? EXIT_SUCCESS : EXIT_FAILURE;
}
