/** Addresses of the API's pages. */
import type { ErrorCode } from '../../../errors.ts'
import type { ApiSection } from '../openapi/openapi-document.ts'
import type { ApiRoute } from '../route.ts'

export const apiPath = '/api'

export const errorsPath = `${apiPath}/errors`

export const sectionHref = ({ id }: ApiSection) => `${apiPath}/${id}`

export const errorHref = (code: ErrorCode) => `${errorsPath}#${code}`

/** Anchor by method and path, such as `delete-sessions-id`. */
export const anchorOf = ({ method, path }: ApiRoute) =>
  `${method}${path.slice('/api/v1'.length).replaceAll('/', '-').replaceAll(':', '')}`
