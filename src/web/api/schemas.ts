/** The schemas of the API by their names in the OpenAPI document and the SDK. */
import { accountSchemas } from './account/account-schemas.ts'
import { appSchemas } from './apps/app-schemas.ts'
import { sessionSchemas } from './sessions/session-schemas.ts'

export const schemas = { ...sessionSchemas, ...accountSchemas, ...appSchemas } as const
