export const deletionPath = '/account/delete'
export const keepPath = `${deletionPath}/keep`
