/* main: which command is meant, and with what exit status it ends. */
#include "diag/base/fault.h"
#include "diag/commands.h"
#include "diag/options.h"
#include "diag/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

/* One row for each command that exists; help and manual page follow. */
static const struct subcommand commands[] = {
    {"check", CMD_CHECK, cmd_check, "[ENDPOINT...]", 0, SIZE_MAX,
     "run the probes, the capture and the report: the main job",
     "Resolves every endpoint, connects to every address and does a full TLS handshake, directly "
     "and through each proxy, and says for each what works, and for what does not what is wrong, "
     "where, who has to act and what to change. Without any endpoint the built-in list is used."},
    {"analyze", CMD_ANALYZE, cmd_analyze, "CAPTURE", 1, 1,
     "the same verdicts from a pcap or pcapng file",
     "Reads a capture that somebody else recorded (- is standard input) and judges the "
     "connections in it as if they had been probed. Endpoints, proxies and routes come from the "
     "site file or the options; without them they are recognised from DNS answers, CONNECT "
     "requests and server names. What TLS 1.3 hides is said to be hidden."},
    {"migrate", CMD_CHECK | CMD_MIGRATE, cmd_migrate, "[BEFORE.json]", 0, 1,
     "a check before and after a sensor leaves the legacy method",
     "A check with the checklist of the vendor's migration article: for each step what of it is "
     "seen from the sensor, with its evidence. Before the migration, without an argument: the "
     "present hub (--legacy-hub), Azure's ranges (--service-tags), and for which methods the site "
     "is ready; keep the report with --json. Afterwards, with that report: whether anything that "
     "worked fails now."},
    {"report", CMD_REPORT, cmd_report, "REPORT.json...", 1, SIZE_MAX,
     "draw saved reports again, or many as one",
     "Draws a saved JSON report again, in any format, to the last byte as the run drew it. Several "
     "reports make one fleet report, grouped by finding, site and endpoint; of several reports of "
     "one sensor the newest counts, and files that are no reports are listed and skipped."},
    {"compare", CMD_COMPARE, cmd_compare, "BEFORE.json AFTER.json", 2, 2,
     "what a migration changed",
     "Holds two reports of one sensor against each other, each endpoint on the route that its "
     "report requires: what broke, what was fixed, what is new or gone, and which addresses, "
     "certificates and times are others. Exit status 1 where something that passed now fails."},
    {"ranges", CMD_RANGES, cmd_ranges, "SERVICETAGS.json [ADDRESS...]", 1, SIZE_MAX,
     "Azure's address ranges: look up, list for a firewall, compare",
     "Reads a ServiceTags_*.json file, which Microsoft publishes every week. With addresses, "
     "ranges or names: the tags that they are in. With --against: what changed since an older "
     "file, and "
     "when it may go live. With --allowed: whether a firewall's list still fits. Otherwise: the "
     "ranges of the tags, for a firewall. Exit status 1 where --against shows a change, --allowed "
     "lacks a range, or an address is in none of the tags named with --tag."},
    {"audit", CMD_AUDIT, cmd_audit, "FILE...", 1, SIZE_MAX,
     "check a squid.conf, cloud-init or an NSG export, offline",
     "Judges files of the way to the cloud against the endpoints and the site, without a network: "
     "a proxy's squid.conf (rules in Squid's own order, for every endpoint), the cloud-init file "
     "that installs it, a network security group and a load balancer (az network nsg show, az "
     "network lb show). Each finding has its line, the reason and the corrected line. Several "
     "squid.conf files are the hops of the chain, nearest to the sensor first. Exit status 1 where "
     "a finding is an error."},
    {"generate", CMD_GENERATE, cmd_generate, "KIND", 1, 1,
     "make a squid.conf, cloud-init, NSG rules or a site file",
     "Prints a configuration file that is minimal and right, from the endpoint list, the proxies "
     "and the sensors' addresses. Kinds: squid (one proxy), squid-child and squid-parent (a chain; "
     "the parent asks for a login), cloud-init (installs the one proxy), nsg, site. Each passes "
     "hopproof audit with the same proxies, endpoints and a sensor's address; the two files of a "
     "chain pass it together."},
    {"advise", CMD_ADVISE, cmd_advise, "", 0, 0, "which connection method fits the site, and why",
     "Says which of the vendor's connection methods fits the site, with the reason, and why the "
     "others do not. The facts come from the site file (facts) and from --fact; what is missing is "
     "asked for on a terminal, and an error elsewhere. Only what can change the answer is asked; "
     "facts that contradict each other are named."},
    {"profiles", CMD_PROFILES, cmd_profiles, "[NAME]", 0, 1, "the built-in endpoint lists",
     "Prints the built-in endpoint lists: every endpoint with the date and the source of what is "
     "known about it."},
};

/*
 * A standard descriptor that the caller closed would go to the next file or socket that is opened,
 * and the report into it, without anybody noticing. Standard output becomes one that cannot be
 * written to: a report that is lost is an error.
 */
static void hold_standard_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF &&
            open("/dev/null", fd == STDERR_FILENO ? O_WRONLY : O_RDONLY) != fd)
            _exit(STATUS_INCOMPLETE);
    }
}

int main(int argc, char **argv)
{
    struct options options;
    struct fault fault;
    int status;

    hold_standard_descriptors();

    switch (options_read(&options, commands, sizeof commands / sizeof commands[0], argc, argv,
                         stdout, &fault)) {
    case 0:
        status = options.command->run(&options);
        break;
    case 1:
        status = output_printed(STATUS_PASS);
        break;
    default:
        fprintf(stderr, "hopproof: %s\n", fault.text);
        status = STATUS_USAGE;
    }
    options_free(&options);
    return status;
}
