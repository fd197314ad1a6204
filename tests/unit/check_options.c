/* The command line, and the site that comes of it. */
#include "diag/base/arena.h"
#include "diag/base/fault.h"
#include "diag/base/secret.h"
#include "diag/help.h"
#include "diag/model/site.h"
#include "diag/options.h"
#include "tests/unit/support.h"

#include <check.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

static int run_nothing(struct options *o)
{
    (void)o;
    return STATUS_PASS;
}

static const struct subcommand commands[] = {
    {"check", CMD_CHECK, run_nothing, "[ENDPOINT...]", 0, SIZE_MAX, "help", "About it."},
    {"analyze", CMD_ANALYZE, run_nothing, "CAPTURE", 1, 1, "help", "About it."},
    {"report", CMD_REPORT, run_nothing, "REPORT...", 1, SIZE_MAX, "help", "About it."},
    {"compare", CMD_COMPARE, run_nothing, "BEFORE AFTER", 2, 2, "help", "About it."},
    {"profiles", CMD_PROFILES, run_nothing, "[NAME]", 0, 1, "help", "About it."},
    {"migrate", CMD_CHECK | CMD_MIGRATE, run_nothing, "[BEFORE]", 0, 1, "help", "About it."},
};

static struct options o;
static struct fault fault;
static char folder[] = "/tmp/hopproof-options-XXXXXX";
static char site_path[64], password_path[64], list_path[64], anchors_path[64];
static FILE *nowhere;

static void put(char *path, const char *name, const char *text)
{
    FILE *file;

    snprintf(path, sizeof site_path, "%s/%s", folder, name);
    file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
}

static void set_up(void)
{
    strcpy(folder + strlen(folder) - 6, "XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    put(password_path, "proxy.pw", "from a file\n");
    put(anchors_path, "ca.pem", "-----BEGIN CERTIFICATE-----\n");
    put(list_path, "list.txt", "listed.example\na.example\n");
    put(site_path, "site.yaml",
        "name: plant\n"
        "endpoints: [{host: a.example, service: Hub, optional: true, expect: private}, b.example]\n"
        "proxies: [{name: p1, url: one, user: u, password_file: proxy.pw}, two]\n"
        "require: p1\nresolvers: 192.0.2.53\ntimeout: 7\nattempts: 4\napp: true\n");
    nowhere = fopen("/dev/null", "w");
    unsetenv("HOPPROOF_PROXY_PASSWORD");
    unsetenv("NO_COLOR");
    fault.text[0] = '\0';
    ck_assert_ptr_nonnull(freopen("/dev/null", "r", stdin)); /* no terminal to ask on */
}

static void tear_down(void)
{
    options_free(&o);
    fclose(nowhere);
    unlink(password_path);
    unlink(anchors_path);
    unlink(list_path);
    unlink(site_path);
    rmdir(folder);
}

/* Words with single spaces; @S, @P, @C and @L stand for the files. */
static int read_line(const char *line)
{
    static char text[1024];
    char program[] = "hopproof", *argv[100] = {program}, *save;
    int argc = 1;

    snprintf(text, sizeof text, "%s", line);
    for (char *w = strtok_r(text, " ", &save); w != NULL; w = strtok_r(NULL, " ", &save)) {
        if (strcmp(w, "@S") == 0)
            w = site_path;
        else if (strcmp(w, "@P") == 0)
            w = password_path;
        else if (strcmp(w, "@C") == 0)
            w = anchors_path;
        else if (strcmp(w, "@L") == 0)
            w = list_path;
        argv[argc++] = w;
    }
    return options_read(&o, commands, sizeof commands / sizeof commands[0], argc, argv, nowhere,
                        &fault);
}

static void must_read(const char *line)
{
    ck_assert_msg(read_line(line) == 0, "%s: %s", line, fault.text);
}

static const struct {
    const char *line, *complaint;
} bad[] = {
    {"", "no command given"},
    {"chekc", "unknown command \"chekc\"; did you mean check?"},
    {"frobnicate", "unknown command \"frobnicate\"; see hopproof --help"},
    {"--json x check", "the command comes first"},
    {"check --tiemout 5", "unknown option --tiemout; did you mean --timeout?"},
    {"check --frobnicate", "unknown option --frobnicate; see hopproof check --help"},
    {"check --proxy-pasword=secret", "unknown option --proxy-pasword; see"},
    {"check -Z", "unknown option -Z; see hopproof check --help"},
    {"check --proxy-p x", "can be several options"},
    {"check --timeout", "--timeout needs an argument; give SECONDS"},
    {"check -t", "--timeout needs an argument; give SECONDS"},
    {"check --app=1", "--app takes no argument"},
    {"check --trace --no-trace", "--trace and --no-trace contradict each other"},
    {"check --trace --no-experiments", "--trace and --no-experiments contradict"},
    {"check --timeout 0", "--timeout: \"0\" is no number of seconds from 0.05 to 300"},
    {"check --timeout 1e2", "--timeout: \"1e2\" is no number"},
    {"check --timeout -1", "--timeout: \"-1\" is no number"},
    {"check --deadline 0.05", "--deadline: \"0.05\" is no number of seconds from 0.1 to 86400"},
    {"check --attempts 0", "--attempts: \"0\" is no number from 1 to 1000"},
    {"check --attempts 1001", "--attempts: \"1001\" is no number"},
    {"check --attempts two", "--attempts: \"two\" is no number"},
    {"check --parallel 99999999999999999999", "--parallel: "},
    {"check --proxy-parallel 0", "--proxy-parallel: \"0\""},
    {"check --json=", "--json: the argument is empty; give FILE"},
    {"check --json - --html -", "--html: standard output is taken by another report"},
    {"check --pcap -", "--pcap cannot go to standard output; give a file"},
    {"check --json /nonexistent/r.json", "--json: /nonexistent/r.json cannot be written: No such"},
    {"check --html /", "--html: / cannot be written: Is a directory"},
    {"report x --junit /dev/null/x", "--junit: /dev/null/x cannot be written: Not a directory"},
    {"check --html /", "it is a folder: name a file in it"},
    {"check --json /tmp/x.json --html /tmp/x.json", "--json and --html name the same file"},
    {"report x --redact --no-redact", "--redact and --no-redact contradict each other"},
    {"check @S", "is a file, not an endpoint; give it with --site"},
    {"check --chain sideways", "--chain: \"sideways\" is not known; give forwarded or nested"},
    {"check b..example", "\"b..example\" has an empty label"},
    {"check a.example:0", "a port is a number from 1 to 65535"},
    {"check --endpoints /nonexistent/list", "/nonexistent/list: cannot be opened: No such file"},
    {"check --site /nonexistent/site.yaml", "/nonexistent/site.yaml: cannot be opened"},
    {"check --endpoints /", "/: cannot be read: Is a directory"},
    {"check --ntp *.example", "--ntp: \"*.example\" is no time server; write HOST or HOST:PORT"},
    {"check --ntp http://a.example", "--ntp: \"http://a.example\" is no time server"},
    {"check --profile nope", "--profile: no profile is named \"nope\""},
    {"check --proxy http://u:secret@p", "--proxy: a proxy URL must not hold a password"},
    {"check --proxy x=socks5://p", "--proxy: \"socks5://\" is no proxy"},
    {"check --proxy direct=p", "--proxy: \"direct\" has a meaning of its own"},
    {"check --proxy a=p --proxy a=q", "--proxy: two proxies are named \"a\""},
    {"check --proxy-password-file @P --proxy u@p", "belongs to the --proxy before it"},
    {"check --proxy p --proxy-password-file @P", "proxy hop1 has a password, but no user"},
    {"check --proxy u@p --proxy-password-file /nonexistent", "--proxy-password-file: /nonexistent"},
    {"check --proxy p --proxy-ca-file @C", "spoken to in clear text"},
    {"check --proxy u@p", "proxy hop1 has a user, but no password; give --proxy-password-file"},
    {"check --route hop1", "--route: route \"hop1\": there is no proxy"},
    {"check --proxy p --require hop2", "--require: route \"hop2\": no proxy is named \"hop2\""},
    {"check --site @S --proxy x",
     "require of the site file: route \"p1\": no proxy is named \"p1\""},
    {"check --resolver dns.example", "--resolver: \"dns.example\" is no address"},
    {"check --resolver 192.0.2.1:0", "--resolver: \"192.0.2.1:0\" is no address"},
    {"check --interface nope0", "interface nope0 does not exist on this machine; there are lo"},
    {"check --ca-file /nonexistent", "--ca-file: /nonexistent cannot be read"},
    {"check --service-tags /nonexistent", "--service-tags: /nonexistent cannot be read"},
    {"check --keylog", "--keylog puts TLS keys into recorded packets; add --pcap FILE"},
    {"check --keylog --bundle /tmp/b.zip", "or --bundle FILE with --no-redact"},
    {"check --keylog --bundle /tmp/b.zip --redact", "--keylog opens what --redact"},
    {"check --keylog --bundle /tmp/b.zip --no-redact --no-capture",
     "--keylog needs recorded packets"},
    {"analyze", "analyze needs CAPTURE; see hopproof analyze --help"},
    {"analyze a b", "\"b\" is one argument too many for analyze"},
    {"analyze a --attempts 5", "unknown option --attempts"},
    {"compare a", "compare needs BEFORE AFTER"},
    {"profiles a b", "\"b\" is one argument too many"},
};

START_TEST(mistakes_are_refused_with_advice)
{
    ck_assert_msg(read_line(bad[_i].line) == -1, "accepted: %s", bad[_i].line);
    ck_assert_msg(strstr(fault.text, bad[_i].complaint) != NULL, "%s: %s", bad[_i].line,
                  fault.text);
    ck_assert_ptr_null(strstr(fault.text, "secret"));
}
END_TEST

START_TEST(nothing_given_is_a_real_check)
{
    must_read("check");
    ck_assert_uint_eq(o.site->n_endpoints, 4);
    ck_assert_str_eq(o.site->endpoints[3]->host, "download.microsoft.com");
    ck_assert_str_eq(o.site->endpoints[3]->source, "profile defender-iot");
    ck_assert(o.site->timeout_us == 5000000 && o.site->deadline_us == 0);
    ck_assert(o.site->attempts == 1 && o.site->capture && o.site->experiments);
    ck_assert(o.site->trace && !o.site->trace_optional);
    ck_assert(!o.site->resolvers_given && !o.site->interface_given);
    ck_assert_ptr_nonnull(o.site->sensor);
    ck_assert_ptr_nonnull(o.site->hosts_file);
    ck_assert(!o.stdout_taken);
}
END_TEST

START_TEST(nothing_is_recorded_on_request)
{
    must_read("check --no-capture --pcap /tmp/p"); /* with a warning: a script may always ask */
    ck_assert(!o.site->capture);
}
END_TEST

START_TEST(every_option_of_check_arrives)
{
    must_read(
        "check a.example --endpoints @L --profile legacy -x first=u@p1:80 "
        "--proxy-password-file @P --proxy https://p2:8443 --proxy-ca-file @C --proxy-cert @P "
        "--proxy-key @P --chain nested --route direct --route first>hop2 --require first>hop2 "
        "--ntp ntp.example --ntp [2001:db8::2]:1123 -r 192.0.2.1 --resolver [2001:db8::1]:5353 -i "
        "lo --ca-file @C --service-tags @P "
        "-t 0.25 --deadline 90 --idle 60.5 -n 3 -P 17 --proxy-parallel 4 --app --revocation "
        "--no-experiments -w out.pcapng -j - --html h --junit u --prometheus m "
        "--bundle b --redact --strict -q -v --no-color");
    const struct site *s = o.site;
    char text[ADDR_TEXT];

    ck_assert_uint_eq(o.n_args, 0);
    ck_assert_uint_eq(s->n_endpoints, 6); /* one of the list is a.example again */
    ck_assert_str_eq(s->endpoints[0]->source, "command line");
    ck_assert_uint_eq(s->n_proxies, 2);
    ck_assert_str_eq(s->proxies[0]->name, "first");
    ck_assert_str_eq(s->proxies[0]->url, "http://u@p1:80");
    ck_assert_str_eq(secret_text(s->proxies[0]->password), "from a file");
    ck_assert_ptr_null(s->proxies[0]->ca_file);
    ck_assert_str_eq(s->proxies[1]->name, "hop2");
    ck_assert_str_eq(s->proxies[1]->ca_file, anchors_path);
    ck_assert_str_eq(s->proxies[1]->client_cert, password_path);
    ck_assert_str_eq(s->proxies[1]->client_key, password_path);
    ck_assert_int_eq(s->chain, CHAIN_NESTED);
    ck_assert_uint_eq(s->n_routes, 2);
    ck_assert_str_eq(s->routes[1], "first>hop2");
    ck_assert_str_eq(s->required_route, "first>hop2");
    ck_assert_uint_eq(s->n_resolvers, 2);
    ck_assert_str_eq(addr_port_text(&s->resolvers[0]->addr, text), "192.0.2.1:53");
    ck_assert_str_eq(addr_port_text(&s->resolvers[1]->addr, text), "[2001:db8::1]:5353");
    ck_assert(s->resolvers_given && s->hosts_file == NULL);
    ck_assert_uint_eq(s->n_ntp, 2);
    ck_assert_str_eq(s->ntp[0]->host, "ntp.example");
    ck_assert_uint_eq(s->ntp[0]->port, 123);
    ck_assert_str_eq(s->ntp[1]->host, "2001:db8::2");
    ck_assert_uint_eq(s->ntp[1]->port, 1123);
    ck_assert_str_eq(s->interface, "lo");
    ck_assert(s->interface_given);
    ck_assert_str_eq(s->ca_file, anchors_path);
    ck_assert_str_eq(s->service_tags, password_path);
    ck_assert(s->timeout_us == 250000 && s->deadline_us == 90000000);
    ck_assert_int_eq(s->idle_us, 60500000);
    ck_assert(s->attempts == 3 && s->parallel == 17 && s->proxy_parallel == 4);
    ck_assert(s->app && s->revocation && !s->experiments && s->capture);
    ck_assert_str_eq(o.pcap, "out.pcapng");
    ck_assert_str_eq(o.json, "-");
    ck_assert(o.stdout_taken);
    ck_assert_str_eq(o.html, "h");
    ck_assert_str_eq(o.junit, "u");
    ck_assert_str_eq(o.prometheus, "m");
    ck_assert_str_eq(o.bundle, "b");
    ck_assert(o.redact && o.strict && o.quiet && o.verbose && o.no_color);
}
END_TEST

/* What is sent with a password stands in ordinary memory for a while. */
START_TEST(who_knows_a_password_leaves_no_core_file)
{
    ck_assert_int_eq(prctl(PR_SET_DUMPABLE, 1), 0);
    must_read("check -x p1 a.example");
    ck_assert_int_eq(prctl(PR_GET_DUMPABLE), 1);
    options_free(&o);
    must_read("check -x u@p1 --proxy-password-file @P a.example");
    ck_assert_int_eq(prctl(PR_GET_DUMPABLE), 0);
    ck_assert_int_eq(prctl(PR_SET_DUMPABLE, 1), 0); /* tools that look for leaks trace us */
}
END_TEST

/* Where no descriptor is left, the kernel's interfaces cannot be listed. */
START_TEST(an_interface_that_nobody_can_look_up_is_refused)
{
    struct rlimit before, none;

    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
    none = (struct rlimit){0, before.rlim_max};
    setrlimit(RLIMIT_NOFILE, &none);
    ck_assert_int_eq(read_line("check --interface nosuch0 192.0.2.1"), -1);
    setrlimit(RLIMIT_NOFILE, &before);
    ck_assert_ptr_nonnull(strstr(fault.text, "nosuch0"));
}
END_TEST

START_TEST(a_trace_is_wanted_or_not)
{
    must_read("check --trace");
    ck_assert(o.site->trace && o.site->trace_optional);
    options_free(&o);
    must_read("check --no-trace");
    ck_assert(!o.site->trace && !o.site->trace_optional);
}
END_TEST

START_TEST(flags_override_the_site_file)
{
    must_read("check --site @S");
    ck_assert_str_eq(o.site->name, "plant");
    ck_assert_uint_eq(o.site->n_endpoints, 2);
    ck_assert_uint_eq(o.site->n_proxies, 2);
    ck_assert_str_eq(o.site->required_route, "p1");
    ck_assert(o.site->timeout_us == 7000000 && o.site->attempts == 4 && o.site->app);
    options_free(&o);

    must_read("check --site @S a.example c.example -x q --require hop1 -r 192.0.2.9 -t 1");
    ck_assert_uint_eq(o.site->n_endpoints, 2);
    ck_assert_str_eq(o.site->endpoints[1]->host, "c.example");
    ck_assert_str_eq(o.site->endpoints[0]->service, "Hub");
    ck_assert(o.site->endpoints[0]->optional);
    ck_assert_str_eq(o.site->endpoints[0]->expect_address, "private");
    ck_assert_uint_eq(o.site->n_proxies, 1);
    ck_assert_str_eq(o.site->proxies[0]->name, "hop1");
    ck_assert_uint_eq(o.site->n_resolvers, 1);
    ck_assert(o.site->timeout_us == 1000000 && o.site->attempts == 4);
}
END_TEST

START_TEST(the_password_of_the_environment_is_taken_and_wiped)
{
    setenv("HOPPROOF_PROXY_PASSWORD", "p@:ss %/\xc3\xbc", 1);
    must_read("check -x a@p -x b@q --proxy-password-file @P -x r");
    ck_assert_str_eq(secret_text(o.site->proxies[0]->password), "p@:ss %/\xc3\xbc");
    ck_assert_str_eq(secret_text(o.site->proxies[1]->password), "from a file");
    ck_assert_ptr_null(o.site->proxies[2]->password);
    ck_assert_ptr_null(getenv("HOPPROOF_PROXY_PASSWORD"));
}
END_TEST

START_TEST(the_environment_is_wiped_even_when_nothing_is_done)
{
    setenv("HOPPROOF_PROXY_PASSWORD", "x", 1);
    ck_assert_int_eq(read_line("nonsense"), -1);
    ck_assert_ptr_null(getenv("HOPPROOF_PROXY_PASSWORD"));
}
END_TEST

START_TEST(no_color_of_the_environment_counts_when_it_is_not_empty)
{
    setenv("NO_COLOR", "", 1);
    must_read("check");
    ck_assert(!o.no_color);
    options_free(&o);
    setenv("NO_COLOR", "1", 1);
    must_read("check");
    ck_assert(o.no_color);
}
END_TEST

START_TEST(options_and_endpoints_may_mix_until_two_dashes)
{
    must_read("check a.example --strict b.example -- c.example");
    ck_assert_uint_eq(o.site->n_endpoints, 3);
    options_free(&o);
    ck_assert_int_eq(read_line("check -- --strict"), -1);
    ck_assert_ptr_nonnull(strstr(fault.text, "\"--strict\" has a label"));
}
END_TEST

START_TEST(analyze_takes_a_site_but_nothing_of_this_machine)
{
    must_read("analyze x.pcap --proxy u@p --require hop1");
    ck_assert_uint_eq(o.n_args, 1);
    ck_assert_str_eq(o.args[0], "x.pcap");
    ck_assert_uint_eq(o.site->n_endpoints, 0);
    ck_assert_uint_eq(o.site->n_resolvers, 0);
    ck_assert_ptr_null(o.site->sensor);
    ck_assert_ptr_null(o.site->proxies[0]->password);
}
END_TEST

START_TEST(a_method_brings_its_list_and_demands_its_proxy)
{
    must_read("check --method legacy-iot-hub");
    ck_assert_str_eq(o.site->method, "legacy-iot-hub");
    ck_assert_str_eq(o.site->endpoints[0]->source, "profile legacy");
    options_free(&o);
    must_read("check -m azure-proxy -x p a.example");
    ck_assert_str_eq(o.site->method, "azure-proxy");
    ck_assert(!o.site->migration);
    options_free(&o);
    ck_assert_int_eq(read_line("check --method proxy-chain a.example"), -1);
    ck_assert_ptr_nonnull(strstr(fault.text, "method proxy-chain: no proxy is named"));
    options_free(&o);
    must_read("analyze x.pcap --method proxy-chain"); /* the recording shows its proxies */
}
END_TEST

START_TEST(the_legacy_hub_is_an_endpoint_that_decides_nothing)
{
    const struct site_endpoint *hub;

    must_read("check a.example --legacy-hub Old.Azure-Devices.net");
    ck_assert_uint_eq(o.site->n_endpoints, 2);
    hub = o.site->endpoints[1];
    ck_assert_str_eq(hub->host, "old.azure-devices.net");
    ck_assert(hub->optional && hub->port == 443);
    ck_assert_str_eq(o.site->legacy_hub, "old.azure-devices.net:443");
    ck_assert(o.site->migration);
    options_free(&o);
    must_read("check --legacy-hub old.example"); /* it is no list: the default one is used */
    ck_assert_str_eq(o.site->endpoints[0]->source, "profile defender-iot");
    options_free(&o);
    must_read("check old.example --legacy-hub old.example"); /* named as one that counts */
    ck_assert(o.site->n_endpoints == 1 && !o.site->endpoints[0]->optional);
    options_free(&o);
    ck_assert_int_eq(read_line("check --legacy-hub *.example"), -1);
    ck_assert_str_eq(fault.text, "--legacy-hub: a wildcard is no hub; give the hub's own name");
}
END_TEST

START_TEST(migrate_takes_the_options_of_check_and_a_report)
{
    must_read("migrate before.json --proxy p --timeout 2 --json out.json");
    ck_assert_uint_eq(o.n_args, 1);
    ck_assert_str_eq(o.args[0], "before.json");
    ck_assert(o.site->migration && o.site->n_proxies == 1 && o.site->timeout_us == 2000000);
    ck_assert_ptr_nonnull(o.site->sensor); /* it is a check on this machine */
    ck_assert_str_eq(o.site->endpoints[0]->source, "profile defender-iot");
}
END_TEST

START_TEST(the_same_word_means_what_its_command_says)
{
    must_read("profiles --json legacy");
    ck_assert(o.as_json);
    ck_assert_ptr_null(o.json);
    ck_assert_str_eq(o.args[0], "legacy");
    ck_assert_ptr_null(o.site);
}
END_TEST

/* What --help prints, into a buffer. */
static size_t help_of(const char *line, char *to, size_t room)
{
    FILE *out = fmemopen(to, room, "w");
    char program[] = "hopproof", word[40], help[] = "--help";
    char *argv[] = {program, word, help};
    int rc;

    snprintf(word, sizeof word, "%s", line);
    ck_assert_ptr_nonnull(out);
    rc = line[0] == '-' ? options_read(&o, commands, sizeof commands / sizeof commands[0], 2, argv,
                                       out, &fault)
                        : options_read(&o, commands, sizeof commands / sizeof commands[0], 3, argv,
                                       out, &fault);
    fclose(out);
    ck_assert_int_eq(rc, 1);
    options_free(&o);
    return strlen(to);
}

START_TEST(help_fits_80_columns_and_names_every_option)
{
    static char text[32768];

    for (size_t c = 0; c < sizeof commands / sizeof commands[0]; c++) {
        ck_assert_uint_gt(help_of(commands[c].name, text, sizeof text), 100);
        for (size_t i = 0; i < n_option_rows; i++) {
            char word[60];

            snprintf(word, sizeof word, "--%s", option_rows[i].name);
            if ((option_rows[i].commands & commands[c].bit) != 0)
                ck_assert_msg(strstr(text, word) != NULL, "%s: %s", commands[c].name, word);
        }
        for (const char *p = text; *p != '\0'; p += strcspn(p, "\n"), p += *p == '\n')
            ck_assert_msg(strcspn(p, "\n") <= 80, "%.100s", p);
    }
    help_of("--help", text, sizeof text);
    for (size_t c = 0; c < sizeof commands / sizeof commands[0]; c++)
        ck_assert_ptr_nonnull(strstr(text, commands[c].name));
}
END_TEST

START_TEST(no_letter_and_no_name_is_taken_twice_in_one_command)
{
    for (size_t i = 0; i < n_option_rows; i++) {
        for (size_t k = i + 1; k < n_option_rows; k++) {
            const struct option_row *a = &option_rows[i], *b = &option_rows[k];

            if ((a->commands & b->commands) == 0)
                continue;
            ck_assert_msg(strcmp(a->name, b->name) != 0, "%s", a->name);
            ck_assert_msg(a->letter == 0 || a->letter != b->letter, "%s and %s", a->name, b->name);
        }
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("options");
    TCase *tc = tcase_create("options");

    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_loop_test(tc, mistakes_are_refused_with_advice, 0, sizeof bad / sizeof bad[0]);
    tcase_add_test(tc, nothing_given_is_a_real_check);
    tcase_add_test(tc, nothing_is_recorded_on_request);
    tcase_add_test(tc, every_option_of_check_arrives);
    tcase_add_test(tc, who_knows_a_password_leaves_no_core_file);
    tcase_add_test(tc, an_interface_that_nobody_can_look_up_is_refused);
    tcase_add_test(tc, a_trace_is_wanted_or_not);
    tcase_add_test(tc, flags_override_the_site_file);
    tcase_add_test(tc, the_password_of_the_environment_is_taken_and_wiped);
    tcase_add_test(tc, the_environment_is_wiped_even_when_nothing_is_done);
    tcase_add_test(tc, no_color_of_the_environment_counts_when_it_is_not_empty);
    tcase_add_test(tc, options_and_endpoints_may_mix_until_two_dashes);
    tcase_add_test(tc, analyze_takes_a_site_but_nothing_of_this_machine);
    tcase_add_test(tc, a_method_brings_its_list_and_demands_its_proxy);
    tcase_add_test(tc, the_legacy_hub_is_an_endpoint_that_decides_nothing);
    tcase_add_test(tc, migrate_takes_the_options_of_check_and_a_report);
    tcase_add_test(tc, the_same_word_means_what_its_command_says);
    tcase_add_test(tc, help_fits_80_columns_and_names_every_option);
    tcase_add_test(tc, no_letter_and_no_name_is_taken_twice_in_one_command);
    return run_case(suite, tc);
}
