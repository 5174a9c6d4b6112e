/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * traffic.h - traffic between a guest and its host, with every byte checked
 *
 * The guest is the server, the host the client.  Orders are sent over a TCP control
 * connection, and each is answered before the next is sent, so that nothing depends on the
 * speed of a machine and a lost datagram is detected.  Both ends are the same program, so
 * plain structures are sent over the control connection.
 *
 * The data is a pattern: each byte follows from a seed and its offset, so the receiver
 * needs only the seed to check everything.
 *
 * An error in the test itself ends the process with a line "not ok".
 */
#ifndef TRAFFIC_H
#define TRAFFIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define TRAFFIC_PORT 5555

/* Give up after this many seconds without an answer or progress. */
#define TRAFFIC_PATIENCE 30

enum order_kind {
	ORDER_READ,		/* a file of the guest */
	ORDER_UDP_SEND,		/* datagrams of a shape */
	ORDER_UDP_RECEIVE,	/* the same; answered by a port */
	ORDER_UDP_SENT,		/* answered by the result */
	ORDER_TCP,		/* a stream, in one direction or both */
	ORDER_SOAK_UDP_SEND,	/* until ORDER_END */
	ORDER_SOAK_UDP_RECEIVE,
	ORDER_SOAK_COUNT,	/* amount received so far */
	ORDER_SOAK_HOLD,	/* received data that is not read yet */
	ORDER_HOLD_TURN,
	ORDER_END,
};

/* gso is the size of a segment, or 0 for plain datagrams of that length. */
struct order {
	uint32_t kind;
	uint32_t port;
	uint32_t gso, length, count;
	uint32_t gro;			/* receive with UDP_GRO */
	uint64_t seed;
	uint64_t bytes, back;		/* streams: to the guest, and from it */
	char path[64];
};

struct answer {
	int32_t failed;
	uint32_t port;
	uint64_t got, lost, late;
	char says[160];
};

/* The other end: its control connection, and its address for further connections. */
struct link {
	int fd;
	struct sockaddr_storage peer;
	socklen_t length;
	unsigned int number;		/* of the connections served so far */
};

/* traffic_wire.c */
void die(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));
bool link_address(struct link *l, const char *address);
void link_open(struct link *l, const char *address);
void link_accept(struct link *l, int listener);
int wire_listen(int family);
/* A socket of the peer's family, bound to a port of its own. */
int wire_socket(const struct link *l, int type, uint32_t *port);
int wire_connect(const struct link *l, uint32_t port);
struct sockaddr_storage wire_to(const struct link *l, uint32_t port);
void wire_buffer(int fd, int bytes);
bool wire_readable(int fd, int ms);
bool wire_read(int fd, void *to, size_t n);
void wire_write(int fd, const void *from, size_t n);
struct answer ask(struct link *l, const struct order *o);
bool next_order(struct link *l, struct order *o);

void pattern_fill(void *to, uint64_t seed, uint64_t offset, size_t n);
/* The number of bytes that are right, from the first one on. */
size_t pattern_check(const void *data, uint64_t seed, uint64_t offset, size_t n);

/* traffic_udp.c */

/* An error to add to what a guest sends, to check that it is detected; or NULL. */
extern const char *udp_corrupt;

int udp_receiver(const struct link *l, bool gro, uint32_t *port);
/* One sendmsg(), with UDP_SEGMENT if there is a segment size. */
void udp_send(int fd, const struct sockaddr_storage *to, const void *data, size_t n,
	      uint32_t gso);
/* One recvmsg(), and the size of the datagrams that GRO merged. */
size_t udp_receive(int fd, void *data, size_t room, size_t *each);
void udp_serve_send(struct link *l, const struct order *o);
void udp_serve_receive(struct link *l, const struct order *o);
/* Both return the answer of the receiving end. */
struct answer udp_to_guest(struct link *l, struct order o);
struct answer udp_from_guest(struct link *l, struct order o);

/* traffic_tcp.c */

/* Ends after the limit of bytes sent, and the last byte of the other end. */
struct stream {
	int fd;
	uint64_t limit, sent, got;
	uint64_t tx_seed, rx_seed;
	bool shut, eof;
	int pause;		/* microseconds between steps */
	/* Called at each step; may lower the limit. */
	void (*step)(struct stream *s, void *context);
	void *context;
	char says[160];		/* what is wrong, or "" */
};

bool stream_run(struct stream *s);
void tcp_serve(struct link *l, const struct order *o);
struct answer tcp_case(struct link *l, struct order o);

/* traffic_run.c: all cases with that part in their names.  Returns the exit status. */
int run_cases(const char *part, int addresses, char **address);

/* traffic_soak.c, traffic_hold.c */

/* Progress of a flow, in memory shared by all of them. */
struct flow {
	uint64_t moved, lost, late;
	bool failed;
	char says[160];
};

extern volatile bool *soak_stop;

int soak(int seconds, int addresses, char **address);
int flood(const char *address);
void soak_fail(struct flow *f, const struct answer *a);
void soak_serve_send(struct link *l, const struct order *o);
void soak_serve_receive(struct link *l, const struct order *o);
void hold_serve(struct link *l, const struct order *o);
void hold_flow(struct link *l, struct flow *f);

/* traffic_device.c */
int device_offloads(const char *name);
int device_switch_on(const char *name, const char *feature);
int device_tap(const char *name, int queues, char **command);

#endif /* TRAFFIC_H */
