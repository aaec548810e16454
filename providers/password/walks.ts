/** Runs of neighboring keys, of the alphabet, and of one character. */

const rows = [
  'abcdefghijklmnopqrstuvwxyz',
  '12345678901234567890',
  'qwertyuiop',
  'asdfghjkl',
  'zxcvbnm',
  'qwertzuiop',
  'azertyuiop',
]
const columns = ['1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p', 'qazwsxedcrfvtgbyhnujm', '1q2w3e4r5t6y7u8i9o0p', '!@#$%^&*()']
const walks = [...rows, ...columns].flatMap((walk) => [walk, Array.from(walk).reverse().join('')])

/** Length of the run that begins at this position; at least 1. @param characters in lower case */
export function runAt(characters: string, at: number): number {
  const same = /^(.)\1*/su.exec(characters.slice(at))?.[0].length ?? 1
  let length = 1
  while (at + length < characters.length && walks.some((walk) => walk.includes(characters.slice(at, at + length + 1))))
    length += 1
  return Math.max(same, length)
}
