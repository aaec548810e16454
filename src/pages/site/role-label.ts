/** A role of Gatehouse, as pages show it: `admin` → `Admin`. */
export const roleLabel = (role: string): string => `${role.charAt(0).toUpperCase()}${role.slice(1)}`
