/* log_record.c - rules of form of a membership record that need no log. Pure. */
#include "core/log_record.h"

/* By number; 0 is no kind. */
static const struct kind_row {
	const char *text;
	size_t signatures;
	bool is_known;
} kinds[] = {
#define X(name, number, signatures, text) [name] = {(text), (signatures), true},
    LOG_KINDS(X)
#undef X
};

enum { N_KINDS = sizeof kinds / sizeof kinds[0] };

const char *
log_kind_text(enum log_kind kind)
{
	return log_kind_is_known((uint64_t)kind) ? kinds[kind].text : NULL;
}

size_t
log_kind_signatures(enum log_kind kind)
{
	return log_kind_is_known((uint64_t)kind) ? kinds[kind].signatures : 0;
}

bool
log_kind_is_known(uint64_t number)
{
	return number < N_KINDS && kinds[number].is_known;
}

bool
log_record_is_net(const struct log_record *r)
{
	struct space_name net = space_of("NET");

	return space_equal(&r->space, &net);
}

int
box_entry_compare(const struct box_entry *a, const struct box_entry *b)
{
	if (a->space != b->space)
		return a->space < b->space ? -1 : 1;
	if (a->scope != b->scope)
		return a->scope < b->scope ? -1 : 1;
	if (a->epoch != b->epoch)
		return a->epoch < b->epoch ? -1 : 1;
	if (a->to.home != b->to.home)
		return a->to.home < b->to.home ? -1 : 1;
	return (a->to.device > b->to.device) - (a->to.device < b->to.device);
}

/* ---- texts ---- */

static bool
is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static bool
is_code_char(uint8_t c)
{
	return (c >= 'A' && c <= 'Z') || is_digit(c) || c == '-';
}

bool
member_code_is_valid(struct span text)
{
	if (text.len < 1 || text.len > MEMBER_CODE_BYTES_MAX)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (!is_code_char(text.bytes[i]))
			return false;
	}
	return true;
}

/* 1..65535 in decimal without a leading zero. */
static bool
is_port(struct span text)
{
	uint32_t port = 0;

	if (text.len < 1 || text.len > 5 || text.bytes[0] == '0')
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (!is_digit(text.bytes[i]))
			return false;
		port = port * 10 + (uint32_t)(text.bytes[i] - '0');
	}
	return port <= 65535;
}

static bool
is_host(struct span text)
{
	bool is_v6 =
	    text.len > 2 && text.bytes[0] == '[' && text.bytes[text.len - 1] == ']';

	if (text.len < 1)
		return false;
	for (size_t i = is_v6 ? 1 : 0; i < text.len - (is_v6 ? 1 : 0); i++) {
		uint8_t c = text.bytes[i];
		bool is_name =
		    (c >= 'a' && c <= 'z') || is_digit(c) || c == '.' || c == '-';
		bool is_hex =
		    is_digit(c) || (c >= 'a' && c <= 'f') || c == ':' || c == '.';

		if (is_v6 ? !is_hex : !is_name)
			return false;
	}
	return true;
}

bool
server_address_is_valid(struct span text)
{
	size_t colon = text.len;

	if (text.len < 3 || text.len > SERVER_ADDRESS_BYTES_MAX)
		return false;
	while (colon > 0 && text.bytes[colon - 1] != ':')
		colon--;
	if (colon < 2)
		return false;
	return is_host(span_of(text.bytes, colon - 1)) &&
	       is_port(span_of(text.bytes + colon, text.len - colon));
}

/* Two letters or digits up to four, zero padded; never "NET". */
static bool
is_country(const struct space_name *s)
{
	struct space_name net = space_of("NET");
	size_t len = 0;

	while (len < sizeof s->text && s->text[len] != '\0')
		len++;
	for (size_t i = 0; i < sizeof s->text; i++) {
		uint8_t c = (uint8_t)s->text[i];

		if (i >= len ? c != 0 : (!is_code_char(c) || c == '-'))
			return false;
	}
	return len >= 2 && !space_equal(s, &net);
}

static bool
is_scope_name(const struct scope_name *s)
{
	bool has_id = !bytes_are_zero(s->bytes + 1, sizeof s->bytes - 1);

	if (s->bytes[0] < SCOPE_ALL || s->bytes[0] > SCOPE_ACTIVITY)
		return false;
	return has_id == (s->bytes[0] == SCOPE_ACTIVITY);
}

/* ---- arrays ---- */

static bool
is_ascending(const uint16_t *items, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		if (items[i - 1] >= items[i])
			return false;
	}
	return true;
}

static uint64_t
leave_order(const struct leave *l)
{
	return (uint64_t)l->device << 16 | l->scope;
}

static uint64_t
cut_order(const struct cut *c)
{
	return (uint64_t)c->device << 32 | (uint64_t)c->space << 16 | c->scope;
}

static bool
leaves_are_ascending(const struct leave *items, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		if (leave_order(&items[i - 1]) >= leave_order(&items[i]))
			return false;
	}
	return true;
}

static bool
cuts_are_ascending(const struct cut *items, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (ID_IS_ZERO(&items[i].last))
			return false;
		if (i > 0 && cut_order(&items[i - 1]) >= cut_order(&items[i]))
			return false;
	}
	return true;
}

static bool
rotations_are_ascending(const struct rotation *items, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (items[i].epoch < 2)
			return false;
		if (i > 0 && items[i - 1].scope >= items[i].scope)
			return false;
	}
	return true;
}

static const unsigned fixed_kinds =
    1u << SCOPE_ALL | 1u << SCOPE_OFFICE | 1u << SCOPE_COUNTRY | 1u << SCOPE_COORD;

static bool
is_scope_set(const struct scope_set *s)
{
	return (s->kinds & ~fixed_kinds) == 0 && s->n_activities < LOG_LIST_MAX &&
	       is_ascending(s->activities, s->n_activities);
}

/* ---- kinds ---- */

static const char *
check_invite(const struct log_record *r)
{
	if (!member_code_is_valid(span_text(r->invite.member.text)))
		return "member code";
	if (r->invite.role < ROLE_OFFICE || r->invite.role > ROLE_TRAINER)
		return "role";
	if (!is_scope_set(&r->invite.scopes))
		return "scopes";
	return NULL;
}

static const char *
check_grant(const struct log_record *r)
{
	if (!is_scope_set(&r->grant.scopes))
		return "scopes";
	if (r->grant.is_new_guest &&
	    !member_code_is_valid(span_text(r->grant.member.text)))
		return "member code";
	if (r->grant.is_new_guest && r->grant.end_s == 0)
		return "end of a guest's grant";
	return NULL;
}

static const char *
check_revoke(const struct log_record *r)
{
	if (r->revoke.n_devices + r->revoke.n_invites + r->revoke.n_leaves == 0)
		return "nobody to revoke";
	if (!is_ascending(r->revoke.devices, r->revoke.n_devices))
		return "order of devices";
	if (!is_ascending(r->revoke.invites, r->revoke.n_invites))
		return "order of invites";
	if (!leaves_are_ascending(r->revoke.leaves, r->revoke.n_leaves))
		return "order of leaves";
	if (!cuts_are_ascending(r->revoke.cuts, r->revoke.n_cuts))
		return "cuts";
	if (!rotations_are_ascending(r->revoke.rotations, r->revoke.n_rotations))
		return "rotations";
	return NULL;
}

/* The name of the field that is wrong, or NULL. */
static const char *
check_fields(const struct log_record *r)
{
	switch (r->kind) {
	case LOG_SERVER:
		return server_address_is_valid(span_text(r->server.address.text))
			   ? NULL
			   : "address";
	case LOG_SPACE:
		return is_country(&r->country.country) ? NULL : "country";
	case LOG_SCOPE:
		return is_scope_name(&r->scope.name) ? NULL : "scope";
	case LOG_INVITE:
		return check_invite(r);
	case LOG_GRANT:
		return check_grant(r);
	case LOG_REVOKE:
		return check_revoke(r);
	case LOG_ROTATE:
		return rotations_are_ascending(&r->rotate, 1) ? NULL : "epoch";
	case LOG_GENESIS:
	case LOG_JOIN:
	case LOG_RENEW:
		return NULL;
	}
	return "kind";
}

/* Root kinds and JOIN carry no author; the kinds of devices must. INVITE, REVOKE and
 * SCOPE may be by the root key or by a device. */
static bool
author_fits(const struct log_record *r)
{
	switch (r->kind) {
	case LOG_GENESIS:
	case LOG_SERVER:
	case LOG_SPACE:
	case LOG_JOIN:
		return !r->has_author;
	case LOG_GRANT:
	case LOG_ROTATE:
	case LOG_RENEW:
		return r->has_author;
	case LOG_SCOPE:
	case LOG_INVITE:
	case LOG_REVOKE:
		return true;
	}
	return false;
}

static status
check_counts(const struct log_record *r, struct trouble *t)
{
	if (r->kind == LOG_REVOKE) {
		if (r->revoke.n_rotations > LOG_ROTATIONS_MAX)
			return trouble_set(t, ST_LIMIT, "REVOKE rotates %zu scopes",
			    r->revoke.n_rotations);
		if (r->revoke.n_devices > LOG_LIST_MAX ||
		    r->revoke.n_invites > LOG_LIST_MAX ||
		    r->revoke.n_leaves > LOG_LIST_MAX || r->revoke.n_cuts > LOG_LIST_MAX)
			return trouble_set(t, ST_LIMIT, "REVOKE names too much");
	}
	return ST_OK;
}

status
log_record_check(const struct log_record *r, struct trouble *t)
{
	const char *wrong = NULL;
	status st;

	if (!log_kind_is_known((uint64_t)r->kind))
		return trouble_set(t, ST_VERSION, "a log record of an unknown kind");
	st = check_counts(r, t);
	if (st != ST_OK)
		return st;
	if (!log_record_is_net(r) && !is_country(&r->space))
		wrong = "space";
	else if (!author_fits(r))
		wrong = "author";
	else
		wrong = check_fields(r);
	if (wrong != NULL)
		return trouble_set(t, ST_MALFORMED, "%s record: %s not permitted",
		    log_kind_text(r->kind), wrong);
	return ST_OK;
}

/* ---- box lists ---- */

size_t
log_record_lists(const struct log_record *r)
{
	switch (r->kind) {
	case LOG_SCOPE:
	case LOG_INVITE:
	case LOG_GRANT:
	case LOG_ROTATE:
		return 1;
	case LOG_REVOKE:
		return r->revoke.n_rotations;
	case LOG_GENESIS:
	case LOG_SERVER:
	case LOG_SPACE:
	case LOG_JOIN:
	case LOG_RENEW:
		return 0;
	}
	return 0;
}

const struct hash32 *
log_record_list_hash(const struct log_record *r, size_t index)
{
	if (index >= log_record_lists(r))
		return NULL;
	switch (r->kind) {
	case LOG_SCOPE:
		return &r->scope.boxes;
	case LOG_INVITE:
		return &r->invite.boxes;
	case LOG_GRANT:
		return &r->grant.boxes;
	case LOG_ROTATE:
		return &r->rotate.boxes;
	case LOG_REVOKE:
		return &r->revoke.rotations[index].boxes;
	case LOG_GENESIS:
	case LOG_SERVER:
	case LOG_SPACE:
	case LOG_JOIN:
	case LOG_RENEW:
		return NULL;
	}
	return NULL;
}
