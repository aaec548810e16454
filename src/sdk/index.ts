/**
 * Entry point for server apps: the middleware of `gatehouse/express` and the API client of
 * `gatehouse/client`. The sign-in buttons for pages are in `gatehouse/buttons`.
 */
export * from './client.ts'
export * from './guards/express.ts'
