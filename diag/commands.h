/*
 * commands: what each cmd_*.c offers to the table in main.c. Each returns an enum exit_status.
 */
#ifndef HOPPROOF_COMMANDS_H
#define HOPPROOF_COMMANDS_H

struct options;

int cmd_analyze(struct options *o);
int cmd_audit(struct options *o);
int cmd_check(struct options *o);
int cmd_compare(struct options *o);
int cmd_generate(struct options *o);
int cmd_profiles(struct options *o);
int cmd_ranges(struct options *o);
int cmd_report(struct options *o);

#endif
