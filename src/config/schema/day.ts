/** A day, such as `2027-03-01`: its first moment in UTC. */
import { textWhere } from './text.ts'

const timeOf = (text: string) => new Date(`${text}T00:00:00Z`)

export const day = textWhere((text) => {
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text) && timeOf(text).toJSON()?.startsWith(text)
  return isDay ? undefined : 'must be a day such as 2027-03-01'
}).transform(timeOf)
