/** Baseline of the pages: Express and a page of the same size. */
import express from 'express'

const [port = 0, bytes = 0] = process.argv.slice(2).map(Number)
const html = '<!doctype html><p>'.padEnd(bytes, 'Page. ')

express()
  .get('/', (_, response) => void response.type('html').send(html))
  .listen(port, '127.0.0.1')
