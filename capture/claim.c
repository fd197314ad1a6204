/* claim: see claim.h. */
#include "capture/claim.h"

#include "diag/base/arena.h"

#include <string.h>

enum { MAC_LEN = 6, GROUP_BIT = 1 };

/* RFC 9568 section 7.3 (VRRP for IPv4 and IPv6); Cisco's HSRP 1, HSRP 2 (IPv4, IPv6), GLBP. */
static const struct {
    uint8_t octets[5];
    size_t len;
} shared[] = {
    {{0x00, 0x00, 0x5e, 0x00, 0x01}, 5}, {{0x00, 0x00, 0x5e, 0x00, 0x02}, 5},
    {{0x00, 0x00, 0x0c, 0x07, 0xac}, 5}, {{0x00, 0x00, 0x0c, 0x9f}, 4},
    {{0x00, 0x05, 0x73, 0xa0}, 4},       {{0x00, 0x07, 0xb4}, 3},
};

bool claim_is_shared(const uint8_t *mac)
{
    for (size_t i = 0; i < sizeof shared / sizeof shared[0]; i++) {
        if (memcmp(mac, shared[i].octets, shared[i].len) == 0)
            return true;
    }
    return false;
}

static bool is_of_one_machine(const uint8_t *mac)
{
    static const uint8_t nobody[MAC_LEN];

    return memcmp(mac, nobody, MAC_LEN) != 0 && (mac[0] & GROUP_BIT) == 0 && !claim_is_shared(mac);
}

void claims_take(struct wire_file *file, const struct addr *addr, const uint8_t *mac,
                 uint16_t iface)
{
    struct wire_claim fresh = {.addr = *addr, .iface = iface}, *claim;
    size_t i = 0;

    if (addr_kind(addr) == ADDR_UNSPECIFIED || !is_of_one_machine(mac))
        return;
    while (i < file->n_claims &&
           !(addr_same_ip(&file->claims[i].addr, addr) && file->claims[i].iface == iface))
        i++;
    if (i == CLAIMS_MAX)
        return;
    if (i == file->n_claims)
        list_push(file->arena, file->claims, file->n_claims, fresh);
    claim = &file->claims[i];
    for (unsigned k = 0; k < claim->n_macs; k++) {
        if (memcmp(claim->macs[k], mac, MAC_LEN) == 0)
            return;
    }
    if (claim->n_macs < WIRE_CLAIMANTS)
        memcpy(claim->macs[claim->n_macs++], mac, MAC_LEN);
}
