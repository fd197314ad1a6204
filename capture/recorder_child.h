/* recorder_child: the process that captures. Private to the recorder. */
#ifndef HOPPROOF_CAPTURE_RECORDER_CHILD_H
#define HOPPROOF_CAPTURE_RECORDER_CHILD_H

#include "capture/recorder.h"

enum recorder_said { RECORDER_READY = 1, RECORDER_FAILED, RECORDER_DONE };

/* What the child says over the socket pair, each once. */
struct recorder_word {
    enum recorder_said kind;
    struct recorder_stats stats; /* DONE */
    char text[1024];             /* FAILED, and DONE when not complete: why, and what to do */
};

/*
 * Never returns. Closes every descriptor but standard error, these two, and `kept`, which is not
 * used: a packet socket, whose closing takes the kernel longer than anybody should wait here.
 */
_Noreturn void recorder_child(const struct recorder_conf *conf, int control, int file, int kept);

#endif
