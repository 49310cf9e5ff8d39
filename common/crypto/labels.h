/* labels.h - every label that begins a hashed or signed string (SECURITY 2). Pure.
 *
 * A label is an ASCII text whose final NUL belongs to it: sizeof LABEL_OP is its length
 * in bytes (10), strlen would be one short. No label is a prefix of another
 * (test_derive.c), so a string made for one use never passes for another use. */
#ifndef CRYPTO_LABELS_H
#define CRYPTO_LABELS_H

/* clang-format off */
#define LABEL_RECORD    "pnet/rec/1"    /* id of a membership record */
#define LABEL_LOG       "pnet/log/1"    /* signature of a membership record */
#define LABEL_BATCH     "pnet/batch/1"  /* signature of a batch */
#define LABEL_BATCH_ID  "pnet/bid/1"    /* id of a batch */
#define LABEL_OP_HASH   "pnet/oph/1"    /* hash of an op's wire bytes */
#define LABEL_OP        "pnet/op/1"     /* associated data of a sealed op */
#define LABEL_BOX       "pnet/box/1"    /* plaintext of a key box */
#define LABEL_BOX_LIST  "pnet/boxes/1"  /* box list that a membership record names */
#define LABEL_RECORD_TAG "pnet/rtag/1"  /* record tag */
#define LABEL_SUBJECT_TAG "pnet/subj/1" /* subject tag */
#define LABEL_INVITE    "pnet/invite/1" /* key of an invite secret */
#define LABEL_CODE      "pnet/code/1"   /* checksum of an invite code */
#define LABEL_CHAIN     "pnet/chain/1"  /* running hash of a space */
#define LABEL_TICKET_ID "pnet/tkid/1"   /* id of a resumption ticket */
#define LABEL_TICKET_PSK "pnet/tkps/1"  /* its pre-shared key */
#define LABEL_BUNDLE    "pnet/bundle/1" /* first bytes of a bundle, so also of what is signed */
#define LABEL_BUNDLE_SUM "pnet/bsum/1"  /* hash at the end of a bundle */
#define LABEL_KIT       "pnet/kit/1"    /* checksum of a recovery kit's sheet */
#define LABEL_VERIFY    "pnet/verify/1" /* digits that members compare by phone */
#define LABEL_MASK      "pnet/mask/1"   /* masks checksums of a sealed journal */
#define LABEL_SPOT      "pnet/spot/1"   /* wordings of a hot spot that were shown */
#define LABEL_PROLOGUE  "pnet/1"        /* prologue of the Noise handshake */

/* For tests and tables: every label once. */
#define LABELS(X) \
	X(LABEL_RECORD) X(LABEL_LOG) X(LABEL_BATCH) X(LABEL_BATCH_ID) X(LABEL_OP_HASH) \
	X(LABEL_OP) X(LABEL_BOX) X(LABEL_BOX_LIST) X(LABEL_RECORD_TAG) \
	X(LABEL_SUBJECT_TAG) X(LABEL_INVITE) X(LABEL_CODE) X(LABEL_CHAIN) X(LABEL_TICKET_ID) \
	X(LABEL_TICKET_PSK) X(LABEL_BUNDLE) X(LABEL_BUNDLE_SUM) X(LABEL_KIT) X(LABEL_VERIFY) X(LABEL_MASK) \
	X(LABEL_SPOT) X(LABEL_PROLOGUE)
/* clang-format on */

#endif
