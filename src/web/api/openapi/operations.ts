/** Every operation of `/api/v1`. A test holds it against the routes of src/web/app.ts and against real answers. */
import { appOperations } from './app-operations.ts'
import { developerOperations } from './developer-operations.ts'
import type { Operation } from './operation.ts'
import { sessionOperations } from './session-operations.ts'

export const operations: readonly Operation[] = [...sessionOperations, ...developerOperations, ...appOperations]
