/*
 * commands: what each cmd_*.c offers to the table in main.c. Each returns an enum exit_status.
 */
#ifndef HOPPROOF_COMMANDS_H
#define HOPPROOF_COMMANDS_H

struct options;
struct report;

int cmd_advise(struct options *o);
int cmd_analyze(struct options *o);
int cmd_audit(struct options *o);
int cmd_check(struct options *o);
int cmd_compare(struct options *o);
int cmd_generate(struct options *o);
int cmd_migrate(struct options *o);
int cmd_profiles(struct options *o);
int cmd_ranges(struct options *o);
int cmd_report(struct options *o);

/*
 * The work of check; `finish`, where it is not NULL, may add to the judged report before it is
 * written.
 */
int check_run(struct options *o, void (*finish)(struct report *r, void *arg), void *arg);

#endif
