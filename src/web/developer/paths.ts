/** Addresses of the portal's pages. */
export const developerPath = '/developer'
export const newAppPath = `${developerPath}/apps/new`
export const appPath = (id: string) => `${developerPath}/apps/${encodeURIComponent(id)}`
