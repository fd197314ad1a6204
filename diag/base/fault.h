/*
 * fault: "we failed", told in one line: what is wrong, and what to do about it.
 *
 * A network that does not work is never a fault; it is a result (see model/outcome.def).
 * Functions that can fail for our own reasons (memory, descriptors, unusable input) return -1
 * and fill a caller's struct fault, which needs no clean-up.
 */
#ifndef HOPPROOF_BASE_FAULT_H
#define HOPPROOF_BASE_FAULT_H

struct fault {
    char text[1024];
};

/*
 * Fill *f (may be NULL) printf-like; too long a text is cut, control characters become "?". The
 * value is always -1, so that a caller can write "return fault_set(f, ...)" (a macro, so that the
 * compiler knows it too).
 */
#define fault_set(...) (fault_write(__VA_ARGS__), fault_failed())

/* "FILE:LINE: what; what to do", the form of every complaint about an input file. Also -1. */
#define fault_at(...) (fault_write_at(__VA_ARGS__), fault_failed())

static inline int fault_failed(void)
{
    return -1;
}

void fault_write(struct fault *f, const char *format, ...) __attribute__((format(printf, 2, 3)));
void fault_write_at(struct fault *f, const char *file, unsigned long line, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
