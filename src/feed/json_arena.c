/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cJSON's allocations from a block on the stack, for the duration of one parse. */
#include "json_arena_private.h"

#include <assert.h>
#include <cjson/cJSON.h>
#include <stdint.h>
#include <stdlib.h>

/* Under AddressSanitizer every allocation stays its own, so that the tool can see an access beyond one. */
#if defined(__SANITIZE_ADDRESS__)
#define ARENA_ENABLED 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_ENABLED 0
#endif
#endif
#ifndef ARENA_ENABLED
#define ARENA_ENABLED 1
#endif

static _Thread_local struct sg_json_arena *current;

static void *arena_allocate(size_t size)
{
    struct sg_json_arena *arena = current;
    if (arena) {
        size_t rounded = (size + 15u) & ~(size_t)15u;
        if (rounded >= size && rounded <= arena->size - arena->used) {
            void *memory = arena->block + arena->used;
            arena->used += rounded;
            return memory;
        }
        arena->spilled++;
    }
    return malloc(size);
}

static void arena_release(void *memory)
{
    struct sg_json_arena *arena = current;
    if (arena && memory) {
        uintptr_t at = (uintptr_t)memory, from = (uintptr_t)arena->block;
        if (at >= from && at < from + arena->size)
            return;
        if (arena->spilled)
            arena->spilled--;
    }
    free(memory);
}

__attribute__((constructor)) static void arena_install(void)
{
    cJSON_Hooks hooks = {arena_allocate, arena_release};
    cJSON_InitHooks(&hooks);
}

void sg_json_arena_open(struct sg_json_arena *arena, void *block, size_t size)
{
    assert(!current);
    arena->block = block;
    arena->size = ARENA_ENABLED ? size : 0;
    arena->used = 0;
    arena->spilled = 0;
    current = arena;
}

void sg_json_arena_close(struct sg_json_arena *arena)
{
    assert(current == arena && arena->spilled == 0);
    (void)arena;
    current = NULL;
}
