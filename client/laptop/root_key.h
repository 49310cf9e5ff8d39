/* root_key.h - the key that founds a network: root.key in the founder's folder, sealed
 * under a passphrase like the vault (SECURITY 3). It is asked for each time: it is needed
 * seldom, and the file belongs on a medium in a safe. */
#ifndef CLIENT_LAPTOP_ROOT_KEY_H
#define CLIENT_LAPTOP_ROOT_KEY_H

#include "client/laptop/laptop.h"

#define ROOT_KEY_NAME "root.key"

/* Draws it and writes the file, under the passphrase that this call has asked for already
 * or a new one. PN-V03 if there is one; else as passphrase_choose() and vault_put(). */
status root_key_make(struct laptop *l, struct sign_seed *out);
/* PN-P01: it is not here; else as unlock_file(). */
status root_key_open(struct laptop *l, struct sign_seed *out);

#endif
