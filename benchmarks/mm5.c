/* M/M/5, first come, first served: an event loop over a binary heap.
 *
 * The heap holds the next arrival and the ends of the services in progress. At equal times a
 * service ends before an applicant arrives.
 */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

enum { SERVERS = 5 };
enum kind { COMPLETION, ARRIVAL };

struct event {
    double time;
    enum kind kind;
};

struct heap {
    struct event events[SERVERS + 1];
    int count;
};

static int before(struct event a, struct event b)
{
    return a.time < b.time || (a.time == b.time && a.kind < b.kind);
}

static void push(struct heap *heap, struct event event)
{
    int place = heap->count++;
    while (place > 0) {
        int parent = (place - 1) / 2;
        if (!before(event, heap->events[parent])) {
            break;
        }
        heap->events[place] = heap->events[parent];
        place = parent;
    }
    heap->events[place] = event;
}

static struct event pop(struct heap *heap)
{
    struct event least = heap->events[0];
    struct event last = heap->events[--heap->count];
    int place = 0;
    for (;;) {
        int child = 2 * place + 1;
        if (child >= heap->count) {
            break;
        }
        if (child + 1 < heap->count && before(heap->events[child + 1], heap->events[child])) {
            child++;
        }
        if (!before(heap->events[child], last)) {
            break;
        }
        heap->events[place] = heap->events[child];
        place = child;
    }
    heap->events[place] = last;
    return least;
}

/* Where the numbers come from: arrays, or drawn when they are asked for. */
struct source {
    const double *arrivals; /* or NULL: gaps are drawn */
    const double *services; /* or NULL: drawn */
    double gap, service;    /* means */
    uint64_t seed;
};

/* One word of Philox4x64-10 (Salmon et al. 2011), as the engine of this project draws. */
static uint64_t philox(uint64_t who, uint64_t purpose, uint64_t seed)
{
    uint64_t c0 = who, c1 = 0, c2 = 0, c3 = purpose, k0 = seed, k1 = 0;
    for (int round = 0; round < 10; round++) {
        unsigned __int128 first = (unsigned __int128)0xD2E7470EE14C6C93u * c0;
        unsigned __int128 second = (unsigned __int128)0xCA5A826395121157u * c2;
        c0 = (uint64_t)(second >> 64) ^ c1 ^ k0;
        c1 = (uint64_t)second;
        c2 = (uint64_t)(first >> 64) ^ c3 ^ k1;
        c3 = (uint64_t)first;
        k0 += 0x9E3779B97F4A7C15u;
        k1 += 0xBB67AE8584CAA73Bu;
    }
    return c0;
}

static double exponential(struct source from, long who, uint64_t purpose)
{
    double u = ((double)(philox((uint64_t)who, purpose, from.seed) >> 12) + 0.5) * 0x1p-52;
    return -log1p(-u);
}

static double arrival(struct source from, long customer, double before)
{
    if (from.arrivals != NULL) {
        return from.arrivals[customer];
    }
    return before + from.gap * exponential(from, customer, 1);
}

static double service(struct source from, long customer)
{
    if (from.services != NULL) {
        return from.services[customer];
    }
    return from.service * exponential(from, customer, 2);
}

/* Return the mean wait of `count` customers, or -1 without memory for their queue. */
static double run(long count, struct source from)
{
    double *queue = malloc((size_t)(count > 0 ? count : 1) * sizeof *queue);
    if (queue == NULL) {
        return -1.0;
    }
    struct heap heap = {.count = 0};
    long head = 0, tail = 0, arrived = 0;
    int idle = SERVERS;
    double waited = 0.0;

    if (count > 0) {
        push(&heap, (struct event){arrival(from, 0, 0.0), ARRIVAL});
    }
    while (heap.count > 0) {
        struct event event = pop(&heap);
        if (event.kind == ARRIVAL) {
            queue[tail++] = event.time;
            arrived++;
            if (arrived < count) {
                push(&heap, (struct event){arrival(from, arrived, event.time), ARRIVAL});
            }
        } else {
            idle++;
        }
        while (idle > 0 && head < tail) {
            long customer = head++;
            idle--;
            waited += event.time - queue[customer];
            push(&heap, (struct event){event.time + service(from, customer), COMPLETION});
        }
    }
    free(queue);
    return count > 0 ? waited / (double)count : 0.0;
}

/* All numbers given. */
double mm5(long count, const double *arrivals, const double *services)
{
    return run(count, (struct source){.arrivals = arrivals, .services = services});
}

/* Arrivals given, services drawn. */
double mm5_serving(long count, const double *arrivals, double mean, uint64_t seed)
{
    return run(count, (struct source){.arrivals = arrivals, .service = mean, .seed = seed});
}

/* All numbers drawn. */
double mm5_drawing(long count, double gap, double mean, uint64_t seed)
{
    return run(count, (struct source){.gap = gap, .service = mean, .seed = seed});
}
