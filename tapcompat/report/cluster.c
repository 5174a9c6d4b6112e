// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * cluster.c - a host's features for schedulers and monitoring
 */
#include "report.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "feature/provided.h"
#include "ground/bytes.h"

/* A host and one of its backends. */
struct cluster {
	const struct tapcompat_caps *caps;
	enum tapcompat_backend_type backend;
	struct tapcompat_mask given;	/* native, and verification did not fail */
	struct tapcompat_mask had;	/* also those that QEMU itself provides, for models */
	struct tapcompat_mask offered;	/* of @had, on by default: the mask of a baseline */
	unsigned int days;		/* after which they expire; 0: never */
	FILE *out;
};

/* Print a line about a feature or a model. */
typedef void cluster_row(const struct cluster *c, const char *name);

static void each_feature(const struct cluster *c, cluster_row *row)
{
	const struct tapcompat_feature *f;

	for_each_feature(f)
		if (tapcompat_mask_test(&c->given, f->bit))
			row(c, f->name);
}

static void each_model(const struct cluster *c, cluster_row *row)
{
	const struct tapcompat_model *m;
	unsigned int i;

	for (i = 0; (m = tapcompat_model_at(i)); i++) {
		struct tapcompat_mask needs = tapcompat_model_features(m);

		if (mask_contains(&c->had, &needs))
			row(c, m->name);
	}
}

/* A name in another character set: anything but letters and digits becomes @other. */
static void put_name(FILE *out, const char *name, char other, int (*letter)(int))
{
	for (; *name; name++)
		fputc(isalnum((unsigned char)*name) ? letter((unsigned char)*name) : other, out);
}

/* ---- Node Feature Discovery --------------------------------------------- */

#define NFD "tapcompat.io/net."

static void nfd_short(const struct cluster *c, const char *name)
{
	fputs(NFD, c->out);
	put_name(c->out, name, '-', tolower);
	fputs("=true\n", c->out);
}

static void nfd_feature(const struct cluster *c, const char *name)
{
	fprintf(c->out, "net-feature.tapcompat.io/%s=true\n", name);
}

static void nfd_model(const struct cluster *c, const char *name)
{
	fprintf(c->out, "net-model.tapcompat.io/%s=true\n", name);
}

/* The directive is valid for all lines below it. */
static void nfd_expiry(const struct cluster *c)
{
	time_t end = (time_t)(c->caps->probed_at + (int64_t)c->days * 24 * 60 * 60);
	char text[sizeof("+2147483647-12-31T23:59:59Z")];
	struct tm tm;

	if (c->days && gmtime_r(&end, &tm) &&
	    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm))
		fprintf(c->out, "# +expiry-time=%s\n", text);
}

/*
 * A label is limited to 63 characters, so the mask is a raw feature only.  The directive is
 * valid for one line.
 */
static void nfd_raw(const struct cluster *c, const char *name, const char *value)
{
	fprintf(c->out, "# +no-label\n" NFD "%s=%s\n", name, value);
}

static void nfd(const struct cluster *c)
{
	const struct tapcompat_model *best = tapcompat_model_best(&c->had);
	char fingerprint[MASK_FINGERPRINT], mask[TAPCOMPAT_MASK_TEXT];

	nfd_expiry(c);
	each_feature(c, nfd_short);
	if (best)
		fprintf(c->out, NFD "model=%s\n", best->name);
	fprintf(c->out, NFD "fingerprint=%s\n",
		mask_fingerprint(&c->offered, fingerprint));
	each_model(c, nfd_model);
	each_feature(c, nfd_feature);
	nfd_raw(c, "backend", tapcompat_backend_name(c->backend));
	nfd_raw(c, "mask", tapcompat_mask_format(&c->given, mask));
}

/* ---- Prometheus --------------------------------------------------------- */

enum sample { SAMPLE_NO, SAMPLE_YES, SAMPLE_NONE };

/* What the kernel reports, even if verification failed. */
static enum sample sample_word(const struct cluster *c, enum tapcompat_backend_type type,
			       const struct tapcompat_feature *f)
{
	const struct caps_backend *b = &c->caps->backend[type];
	struct tapcompat_report r = tapcompat_caps_report(c->caps, type, f);

	if (b->availability == TAPCOMPAT_UNAVAILABLE)
		return feature_decided_by(f, type) ? SAMPLE_NO : SAMPLE_NONE;
	if (r.state == TAPCOMPAT_UNLISTED || r.state == TAPCOMPAT_UNKNOWN)
		return SAMPLE_NONE;
	return r.state == TAPCOMPAT_NATIVE || r.verified == TAPCOMPAT_FAILED ?
		SAMPLE_YES : SAMPLE_NO;
}

static enum sample sample_proof(const struct cluster *c, enum tapcompat_backend_type type,
				const struct tapcompat_feature *f)
{
	static const enum sample proof[] = {
		[TAPCOMPAT_UNTESTED] = SAMPLE_NONE, [TAPCOMPAT_PASSED] = SAMPLE_YES,
		[TAPCOMPAT_INEFFECTIVE] = SAMPLE_NO, [TAPCOMPAT_FAILED] = SAMPLE_NO,
	};

	return proof[tapcompat_caps_report(c->caps, type, f).verified];
}

/* Values of the label "layer". */
static const struct layer {
	const char *name;
	int backend;	/* -1: the one of struct cluster */
	enum sample (*sample)(const struct cluster *c, enum tapcompat_backend_type type,
			      const struct tapcompat_feature *f);
} layers[] = {
	{ "tap", TAPCOMPAT_TAP, sample_word },
	{ "vhost", TAPCOMPAT_VHOST_NET, sample_word },
	{ "behaviour", -1, sample_proof },
};

static void prometheus_metric(const struct cluster *c, const char *name, const char *help)
{
	fprintf(c->out, "# HELP tapcompat_%s %s\n# TYPE tapcompat_%s gauge\n", name, help, name);
}

static void prometheus_layer(const struct cluster *c, const struct layer *l)
{
	enum tapcompat_backend_type type =
		l->backend < 0 ? c->backend : (enum tapcompat_backend_type)l->backend;
	const struct tapcompat_feature *f;

	for_each_feature(f) {
		enum sample s = l->sample(c, type, f);

		if (s != SAMPLE_NONE)
			fprintf(c->out, "tapcompat_feature_supported{feature=\"%s\","
				"layer=\"%s\"} %d\n", f->name, l->name, s == SAMPLE_YES);
	}
}

/*
 * One sample for each result, of which one is 1: an alert on "failed", whose frames are
 * corrupted, does not include "ineffective", whose frames are only not offloaded.
 */
static void prometheus_verified(const struct cluster *c)
{
	const struct tapcompat_feature *f;
	int v;

	for_each_feature(f) {
		enum tapcompat_verified is = tapcompat_caps_report(c->caps, c->backend, f).verified;

		if (is == TAPCOMPAT_UNTESTED)
			continue;
		for (v = TAPCOMPAT_PASSED; v <= TAPCOMPAT_FAILED; v++)
			fprintf(c->out, "tapcompat_feature_verified{feature=\"%s\","
				"result=\"%s\"} %d\n", f->name,
				tapcompat_verified_name((enum tapcompat_verified)v),
				is == (enum tapcompat_verified)v);
	}
}

/* Print a label; the value is not trusted. */
static void prometheus_label(const struct cluster *c, const char *name, const char *value)
{
	fprintf(c->out, "%s=\"", name);
	for (; *value; value++) {
		if (*value == '\\' || *value == '"')
			fputc('\\', c->out);
		fputs(*value == '\n' ? "\\n" : (char[]){ *value, '\0' }, c->out);
	}
	fputc('"', c->out);
}

static void prometheus_info(const struct cluster *c)
{
	const struct tapcompat_model *best = tapcompat_model_best(&c->had);
	char fingerprint[MASK_FINGERPRINT];
	const struct { const char *name, *value; } labels[] = {
		{ "model", best ? best->name : "" },
		{ "kernel", c->caps->kernel },
		{ "backend", tapcompat_backend_name(c->backend) },
		{ "fingerprint", mask_fingerprint(&c->offered, fingerprint) },
	};
	size_t i;

	fputs("tapcompat_info", c->out);
	for (i = 0; i < ARRAY_LENGTH(labels); i++) {
		fputc(i ? ',' : '{', c->out);
		prometheus_label(c, labels[i].name, labels[i].value);
	}
	fputs("} 1\n", c->out);
}

static void prometheus(const struct cluster *c)
{
	size_t i;

	prometheus_metric(c, "feature_supported", "Whether the layer supports the feature; "
			  "behaviour: whether it was verified with frames.");
	for (i = 0; i < ARRAY_LENGTH(layers); i++)
		prometheus_layer(c, &layers[i]);
	prometheus_metric(c, "feature_verified", "The result of verification with frames: passed; "
			  "ineffective: never offloaded; failed: lost or corrupted.");
	prometheus_verified(c);
	prometheus_metric(c, "info", "The newest model that the host supports, its kernel, and "
			  "the backend and fingerprint of its features.");
	prometheus_info(c);
	if (!c->caps->probed_at)	/* optional in a document */
		return;
	prometheus_metric(c, "probe_timestamp_seconds", "When the host was probed.");
	fprintf(c->out, "tapcompat_probe_timestamp_seconds %" PRId64 "\n",
		(int64_t)c->caps->probed_at);
}

/* ---- OpenStack Nova ----------------------------------------------------- */

static void nova_trait(const struct cluster *c, const char *name)
{
	fputs("        - CUSTOM_NET_", c->out);
	put_name(c->out, name, '_', toupper);
	fputc('\n', c->out);
}

static void nova(const struct cluster *c)
{
	fprintf(c->out,
		"meta:\n"
		"  schema_version: '1.0'\n"
		"providers:\n"
		"  - identification:\n"
		"      uuid: '$COMPUTE_NODE'\n"
		"    traits:\n"
		"      additional:%s\n", mask_empty(&c->given) ? " []" : "");
	each_feature(c, nova_trait);
	each_model(c, nova_trait);
}

/* ---- Formats ------------------------------------------------------------ */

static const struct {
	const char *name;
	void (*write)(const struct cluster *c);
} formats[CLUSTERS] = {
	[CLUSTER_NFD] = { "nfd", nfd },
	[CLUSTER_PROMETHEUS] = { "prometheus", prometheus },
	[CLUSTER_NOVA] = { "nova", nova },
};

const char *cluster_name(enum cluster_format format)
{
	return (unsigned int)format < CLUSTERS ? formats[format].name : "?";
}

static void cluster_features(struct cluster *c)
{
	struct provided provided = provided_of(c->caps, c->backend);

	c->had = provided.counted;
	c->given = mask_and(provided.counted, features_decided_by(c->backend));
	c->offered = mask_and(provided.counted, features_by_default());
}

char *caps_cluster(const struct tapcompat_caps *caps, enum tapcompat_backend_type backend,
		   enum cluster_format format, unsigned int days)
{
	struct cluster c = { .caps = caps, .backend = backend, .days = days };
	char *text = NULL;
	size_t size;
	bool failed;

	if ((unsigned int)format >= CLUSTERS ||
	    (unsigned int)backend >= TAPCOMPAT_BACKENDS)
		return NULL;
	c.out = open_memstream(&text, &size);
	if (!c.out)
		return NULL;
	cluster_features(&c);
	formats[format].write(&c);
	failed = ferror(c.out);
	if (!fclose(c.out) && !failed)
		return text;
	free(text);
	return NULL;
}
