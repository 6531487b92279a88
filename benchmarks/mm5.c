/* M/M/5, first come, first served: an event loop over a binary heap.
 *
 * The heap holds the next arrival and the ends of the services in progress. At equal times a
 * service ends before an applicant arrives.
 */
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

/* Return the mean wait of `count` customers, or -1 without memory for their queue. */
double mm5(long count, const double *arrivals, const double *services)
{
    long *queue = malloc((size_t)(count > 0 ? count : 1) * sizeof *queue);
    if (queue == NULL) {
        return -1.0;
    }
    struct heap heap = {.count = 0};
    long head = 0, tail = 0, arrived = 0;
    int idle = SERVERS;
    double waited = 0.0;

    if (count > 0) {
        push(&heap, (struct event){arrivals[0], ARRIVAL});
    }
    while (heap.count > 0) {
        struct event event = pop(&heap);
        if (event.kind == ARRIVAL) {
            queue[tail++] = arrived++;
            if (arrived < count) {
                push(&heap, (struct event){arrivals[arrived], ARRIVAL});
            }
        } else {
            idle++;
        }
        while (idle > 0 && head < tail) {
            long customer = queue[head++];
            idle--;
            waited += event.time - arrivals[customer];
            push(&heap, (struct event){event.time + services[customer], COMPLETION});
        }
    }
    free(queue);
    return count > 0 ? waited / (double)count : 0.0;
}
