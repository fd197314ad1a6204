/*
 * recorder: writes what passes an interface into a pcapng file, in a process of its own.
 *
 * The child opens the interfaces, puts the filter into the kernel, gives up root, every capability
 * and nearly every system call, and only then captures. A crash there costs the packets, never
 * the run; when the caller dies, the recorder ends by itself.
 *
 * Order of use: recorder_start before any thread exists (it forks), other set-up, recorder_ready,
 * traffic, recorder_stop, wire_read_fd(recorder_file(r)), recorder_free.
 */
#ifndef HOPPROOF_CAPTURE_RECORDER_H
#define HOPPROOF_CAPTURE_RECORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fault;
struct recorder;

enum { RECORDER_INTERFACES = 8 };

struct recorder_conf {
    const char *const *interfaces; /* the sensor's own first; at most RECORDER_INTERFACES */
    size_t n_interfaces;
    const char *filter; /* pcap-filter(7) text as made by bpf_text; NULL: everything */
    /*
     * Where to record; NULL (the usual case): a file without a name, gone with the last descriptor.
     * The evidence for the user is written from it afterwards (evidence.h), so that credentials
     * never lie in a file with a name. A named file has mode 0600 and belongs to the user who
     * called sudo.
     */
    const char *file;
    /*
     * Of the file, 0: 1 GiB; in any case at most half of what is free where it lies. What comes
     * later is counted, not kept.
     */
    uint64_t max_bytes;
    size_t buffer_bytes; /* of the kernel, per interface. 0: 8 MiB */
    bool no_sandbox;     /* for debuggers only: skip the system call filter */
};

struct recorder_stats {
    uint64_t packets, bytes;    /* in the file; bytes of the file */
    uint64_t dropped_kernel;    /* the buffer was full, or the file was */
    uint64_t dropped_interface; /* by the driver, while we recorded */
    bool complete;              /* false: the recorder died or its file could not be written */
};

/*
 * Check the rights, make the file, fork. Returns at once; the interfaces are opened while the
 * caller goes on. 0, or -1 with a fault that says what is missing and how to give it; then
 * nothing is left behind and the run can go on without packets.
 */
int recorder_start(const struct recorder_conf *conf, struct recorder **out, struct fault *f);

/*
 * Is every interface open, from now on missing no packet? Waits at most `wait_ms`. 1: yes;
 * 0: not yet; -1: it failed, the fault says why, and only recorder_free makes sense.
 */
int recorder_ready(struct recorder *r, int wait_ms, struct fault *f);

/*
 * Take what is still in the kernel's buffers (one buffer timeout, about 10 ms), finish the file.
 * 0, or -1 with a fault when the recorder died; what it wrote until then can still be read. Stats
 * are filled in either case.
 */
int recorder_stop(struct recorder *r, struct recorder_stats *stats, struct fault *f);

/* The file, open for reading and writing, positioned anywhere; the recorder's own. */
int recorder_file(const struct recorder *r);

/* Stop if need be, close all; does not wait for the kernel to tear the capture down. NULL is fine.
 */
void recorder_free(struct recorder *r);

#endif
