/* anchors: see anchors.h. */
#include "probes/anchors.h"

#include "diag/base/arena.h"
#include "diag/base/fault.h"
#include "diag/base/text.h"
#include "diag/base/worker.h"
#include "probes/public_roots.h"
#include "probes/public_store.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct anchors {
    X509_STORE *store;
    char *file;                    /* PEM file to load, or NULL */
    char *folder;                  /* hashed directories, separated by colons, or NULL */
    int n_certs;                   /* of the file; -1 when it is of no use */
    bool wanted, loading;          /* still to be loaded; being loaded */
    bool spare;                    /* loaded only when the folder does not do */
    pthread_t loader;              /* while loading */
    struct public_store *fallback; /* where the machine has no anchors at all */
};

/* Where distributions keep them, most common first. */
static const char *const folders[] = {"/etc/ssl/certs", "/etc/pki/tls/certs"};
static const char *const bundles[] = {
    "/etc/ssl/certs/ca-certificates.crt",                /* Debian, Ubuntu, Alpine */
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", /* Red Hat and kin */
    "/etc/pki/tls/certs/ca-bundle.crt",                  /* the older ones */
    "/etc/ssl/ca-bundle.pem",                            /* SUSE */
    "/etc/ssl/cert.pem",
};

/* "0a1b2c3d.0": the name of a subject's hash and a number, as openssl-rehash(1) makes them. */
static bool is_hash_name(const char *name)
{
    size_t i = 0;

    while (isxdigit((unsigned char)name[i]))
        i++;
    return i == 8 && name[8] == '.' && isdigit((unsigned char)name[9]);
}

static bool is_hashed(const char *folder)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    bool hashed = false;

    if (dir == NULL)
        return false;
    while (!hashed && (entry = readdir(dir)) != NULL)
        hashed = is_hash_name(entry->d_name);
    closedir(dir);
    return hashed;
}

/* Load the file. Runs in a thread of its own perhaps: touches the store and n_certs only. */
static void *load(void *arg)
{
    struct anchors *n = arg;
    X509_LOOKUP *lookup = X509_STORE_add_lookup(n->store, X509_LOOKUP_file());
    int loaded = lookup == NULL ? 0 : X509_load_cert_crl_file(lookup, n->file, X509_FILETYPE_PEM);

    n->n_certs = loaded > 0 ? loaded : -1;
    ERR_clear_error();
    return NULL;
}

static void wait_for_load(struct anchors *n)
{
    if (n->loading)
        pthread_join(n->loader, NULL);
    else if (n->wanted)
        load(n);
    n->loading = n->wanted = false;
}

bool anchors_more(struct anchors *n)
{
    if (!n->spare)
        return false;
    n->spare = false;
    load(n);
    return n->n_certs > 0;
}

void anchors_preload(struct anchors *n)
{
    if (n->wanted && !n->loading)
        n->loading = worker_start(&n->loader, load, n) == 0;
}

/* The user's file: what is wrong with it must be said before anything is probed. */
static int use_file(struct anchors *n, const char *ca_file, struct fault *f)
{
    n->file = strdup(ca_file);
    if (n->file == NULL)
        return fault_set(f, "no memory for the trust anchors");
    if (access(ca_file, R_OK) != 0)
        return fault_set(f, "%s: %s; name a readable PEM file of certificates", ca_file,
                         strerror(errno));
    /* Whoever names an authority means it, whether or not another one signed it. */
    X509_STORE_set_flags(n->store, X509_V_FLAG_PARTIAL_CHAIN);
    load(n);
    if (n->n_certs < 0)
        return fault_set(f, "%s: no certificate in PEM form; it must hold BEGIN CERTIFICATE lines",
                         ca_file);
    return 0;
}

static const char *first_readable(const char *const *paths, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (access(paths[i], R_OK) == 0)
            return paths[i];
    }
    return NULL;
}

/* An empty variable is as good as none. */
static const char *from_env(const char *name)
{
    const char *value = getenv(name);

    return value != NULL && *value != '\0' ? value : NULL;
}

/*
 * update-ca-certificates(8) writes the same certificates twice: into a bundle, and hashed into the
 * folder where the bundle stands. Many environments name that bundle in SSL_CERT_FILE.
 */
static bool is_bundle_of(const char *file, const char *folder)
{
    char real_file[PATH_MAX], real_folder[PATH_MAX], *slash;

    if (realpath(file, real_file) == NULL || realpath(folder, real_folder) == NULL)
        return false;
    slash = strrchr(real_file, '/');
    if (slash == NULL || strcmp(slash, "/ca-certificates.crt") != 0)
        return false;
    *slash = '\0';
    return strcmp(real_file, real_folder) == 0;
}

/*
 * As OpenSSL's programs do: a file and a directory, each from the environment or the default.
 * Where the library's own defaults do not exist (it was built elsewhere), those of the known
 * distributions; a hashed directory before a bundle, because it costs nothing. Where there are
 * both, they nearly always hold the same roots, and the file is loaded only for a chain that the
 * directory alone does not explain.
 */
static int use_system(struct anchors *n, struct fault *f)
{
    const char *file = from_env(X509_get_default_cert_file_env());
    const char *folder = from_env(X509_get_default_cert_dir_env());

    if (file != NULL && access(file, R_OK) != 0)
        return fault_set(f, "%s=%s: %s; unset it or name a readable PEM file",
                         X509_get_default_cert_file_env(), file, strerror(errno));
    if (folder == NULL && is_hashed(X509_get_default_cert_dir()))
        folder = X509_get_default_cert_dir();
    for (size_t i = 0; folder == NULL && i < sizeof folders / sizeof folders[0]; i++)
        folder = is_hashed(folders[i]) ? folders[i] : NULL;
    if (file == NULL && access(X509_get_default_cert_file(), R_OK) == 0)
        file = X509_get_default_cert_file();
    if (file != NULL && folder != NULL && is_bundle_of(file, folder))
        file = NULL; /* 45 ms for nothing new */
    if (file == NULL && folder == NULL)
        file = first_readable(bundles, sizeof bundles / sizeof bundles[0]);

    n->file = file != NULL ? strdup(file) : NULL;
    n->folder = folder != NULL ? strdup(folder) : NULL;
    n->wanted = n->file != NULL && folder == NULL;
    n->spare = n->file != NULL && folder != NULL;
    if ((file != NULL && n->file == NULL) || (folder != NULL && n->folder == NULL))
        return fault_set(f, "no memory for the trust anchors");
    if (folder != NULL) {
        X509_LOOKUP *lookup = X509_STORE_add_lookup(n->store, X509_LOOKUP_hash_dir());

        if (lookup == NULL || !X509_LOOKUP_add_dir(lookup, folder, X509_FILETYPE_PEM))
            return fault_set(f, "no memory for the trust anchors");
    }
    if (file == NULL && folder == NULL && (n->fallback = public_store_new()) == NULL)
        return fault_set(f, "no memory for the trust anchors");
    return 0;
}

struct anchors *anchors_new(const char *ca_file, struct fault *f)
{
    struct anchors *n = calloc(1, sizeof *n);

    if (n == NULL || (n->store = X509_STORE_new()) == NULL) {
        fault_set(f, "no memory for the trust anchors");
        anchors_free(n);
        return NULL;
    }
    if ((ca_file != NULL ? use_file(n, ca_file, f) : use_system(n, f)) != 0) {
        anchors_free(n);
        return NULL;
    }
    return n;
}

void anchors_free(struct anchors *n)
{
    if (n == NULL)
        return;
    if (n->loading)
        pthread_join(n->loader, NULL);
    public_store_free(n->fallback);
    X509_STORE_free(n->store);
    free(n->file);
    free(n->folder);
    free(n);
}

X509_STORE *anchors_store(struct anchors *n, const struct stack_st_X509 *chain)
{
    wait_for_load(n);
    return n->fallback != NULL ? public_store_for(n->fallback, chain) : n->store;
}

static const char *path_text(struct arena *a, const char *path)
{
    return text_printable(a, path, strlen(path), 1024);
}

const char *anchors_source(struct anchors *n, struct arena *a)
{
    const char *file = "", *folder = "";

    wait_for_load(n);
    if (n->fallback != NULL)
        return arena_printf(a,
                            "compiled-in public roots of %s (this machine has no trust store: "
                            "install ca-certificates)",
                            public_roots_date());
    if (n->spare)
        file = arena_printf(a, "%s (not needed)", path_text(a, n->file));
    else if (n->file != NULL)
        file = n->n_certs < 0 ? arena_printf(a, "%s (no usable certificate)", path_text(a, n->file))
                              : arena_printf(a, "%s (%d certificate%s)", path_text(a, n->file),
                                             n->n_certs, n->n_certs == 1 ? "" : "s");
    if (n->folder != NULL)
        folder = arena_printf(a, "%s (hashed directory)", path_text(a, n->folder));
    return arena_printf(a, "%s%s%s", file, *file && *folder ? ", " : "", folder);
}
