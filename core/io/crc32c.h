#ifndef HANA_IO_CRC32C_H
#define HANA_IO_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* CRC-32C (Castagnoli, reflected polynomial 0x82F63B78; RFC 3720 B.4: "123456789" gives
   0xE3069283). Start from 0 and feed the pieces in order. */
uint32_t hana_crc32c(uint32_t crc, const void *bytes, size_t n);

#endif
