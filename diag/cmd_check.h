/* cmd_check: the main job. */
#ifndef HOPPROOF_CMD_CHECK_H
#define HOPPROOF_CMD_CHECK_H

struct options;

/* Probe, judge, report. Returns an enum exit_status. */
int cmd_check(struct options *o);

#endif
