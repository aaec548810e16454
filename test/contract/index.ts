/**
 * `gatehouse/contract`: what the author of a provider runs over it with vitest.
 * providers/PLUGINS.md shows how.
 */
export * from './browse.ts'
export * from './context.ts'
export * from './provider.ts'
