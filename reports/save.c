/* save: see save.h. */
#include "reports/save.h"

#include "diag/base/buf.h"
#include "diag/base/fault.h"
#include "diag/base/owner.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TEMP_NAME = 32 };

static const char *todo(bool standard_output, int error)
{
    switch (error) {
    case ENOSPC:
    case EDQUOT:
        return "make room, or name another place";
    case EPIPE:
        return "the program that reads it has ended";
    case ELOOP:
        return "it is a symbolic link: name the file itself";
    case EISDIR:
        return "it is a folder: name a file in it";
    default:
        return standard_output ? "leave it open for writing, or name a file"
                               : "check the folder and its permissions";
    }
}

static int complain(const char *path, int error, struct fault *f)
{
    const bool standard_output = strcmp(path, "-") == 0;

    return fault_set(f, "%s: not written: %s; %s", standard_output ? "standard output" : path,
                     strerror(error), todo(standard_output, error));
}

/* Write and see that it arrived; closes `out` unless it is standard output. 0 or an errno. */
static int fill(FILE *out, bool sync, save_writer *writer, void *context)
{
    int error = 0;

    errno = 0;
    if (writer(context, out) != 0 || fflush(out) != 0 || ferror(out))
        error = errno == 0 ? EIO : errno;
    /* A crash after the rename must not leave an empty file behind. */
    if (error == 0 && sync && fsync(fileno(out)) != 0 && errno != EINVAL && errno != EROFS)
        error = errno;
    if (out == stdout) {
        clearerr(out); /* whoever writes there next sees their own errors */
        return error;
    }
    if (fclose(out) != 0 && error == 0)
        error = errno;
    return error;
}

static int temporary(int folder, char name[TEMP_NAME])
{
    for (int attempt = 0; attempt < 16; attempt++) {
        unsigned long long random;
        int fd;

        if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random)
            return -1;
        snprintf(name, TEMP_NAME, ".hopproof-%016llx", random);
        fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd >= 0 || errno != EEXIST)
            return fd;
    }
    return -1;
}

/* A device, a pipe: there is nothing to rename. 0 or an errno. */
static int into_special(int folder, const char *base, save_writer *writer, void *context)
{
    int fd = openat(folder, base, O_WRONLY | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC);
    FILE *out = fd < 0 ? NULL : fdopen(fd, "w");

    if (out == NULL) {
        int error = errno;

        if (fd >= 0)
            close(fd);
        return error;
    }
    return fill(out, false, writer, context);
}

/* 0 or an errno. */
static int into_file(int folder, const char *base, const struct stat *old, save_writer *writer,
                     void *context)
{
    char name[TEMP_NAME];
    int fd = temporary(folder, name), error;
    FILE *out;
    uid_t user;
    gid_t group;

    if (fd < 0)
        return errno;
    if (old != NULL && old->st_uid == geteuid()) {
        /* The group first: changing it may clear bits of the mode. */
        if (fchown(fd, (uid_t)-1, old->st_gid) != 0 || fchmod(fd, old->st_mode & 0666) != 0)
            errno = 0; /* 0600 stays, which is the safe side */
    } else if (owner_of_run(&user, &group) && fchown(fd, user, group) != 0) {
        errno = 0; /* root keeps it: there are file systems without owners */
    }
    out = fdopen(fd, "w");
    if (out == NULL) {
        error = errno;
        close(fd);
    } else {
        error = fill(out, true, writer, context);
    }
    if (error == 0 && renameat(folder, name, folder, base) != 0)
        error = errno;
    if (error != 0)
        unlinkat(folder, name, 0);
    return error;
}

static int into_folder(const char *path, save_writer *writer, void *context)
{
    const char *slash = strrchr(path, '/'), *base = slash == NULL ? path : slash + 1;
    char *folder_name =
        slash == NULL ? strdup(".") : strndup(path, slash == path ? 1 : (size_t)(slash - path));
    int folder = folder_name == NULL ? -1 : open(folder_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int error = errno;
    struct stat old;
    bool exists;

    free(folder_name);
    if (folder < 0)
        return error;
    exists = fstatat(folder, base, &old, AT_SYMLINK_NOFOLLOW) == 0;
    if (base[0] == '\0' || (exists && S_ISDIR(old.st_mode)))
        error = EISDIR;
    else if (exists && S_ISLNK(old.st_mode))
        error = ELOOP;
    else if (exists && !S_ISREG(old.st_mode))
        error = into_special(folder, base, writer, context);
    else
        error = into_file(folder, base, exists ? &old : NULL, writer, context);
    close(folder);
    return error;
}

int save_buf(void *buf, FILE *out)
{
    const struct buf *b = buf;

    if (b->overflow) {
        errno = ENOMEM;
        return -1;
    }
    return fwrite(buf_text(b), 1, b->len, out) == b->len ? 0 : -1;
}

int save(const char *path, save_writer *writer, void *context, struct fault *f)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN}, before;
    int error;

    sigaction(SIGPIPE, &ignore, &before);
    if (strcmp(path, "-") == 0)
        error = fill(stdout, false, writer, context);
    else
        error = into_folder(path, writer, context);
    sigaction(SIGPIPE, &before, NULL);
    return error == 0 ? 0 : complain(path, error, f);
}
