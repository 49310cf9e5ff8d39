/* ops.h - the operator's commands (UX 2.3); each returns an exit code (UX 5). argv[0] is
 * the command's own name. */
#ifndef SERVER_OPS_H
#define SERVER_OPS_H

int op_admin(int argc, char **argv);
int op_audit(int argc, char **argv);
int op_backup(int argc, char **argv);
int op_init(int argc, char **argv);
int op_restore(int argc, char **argv);
int op_serve(int argc, char **argv);
int op_status(int argc, char **argv);
int op_verify(int argc, char **argv);

#endif
