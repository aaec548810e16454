/** The schemas of the API by their names in the OpenAPI document and the SDK. */
import { appSchemas } from './app-schemas.ts'
import { sessionSchemas } from './session-schemas.ts'

export const schemas = { ...sessionSchemas, ...appSchemas } as const
