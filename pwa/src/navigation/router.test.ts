import { describe, expect, it } from 'vitest'
import { hrefOf, type Place, routeOf } from './router'

describe('routes', () => {
  it('are read as they are written', () => {
    const routes: Place[] = [
      { screen: 'designs' },
      { screen: 'design', id: 'd1' },
      { screen: 'design', id: 'd1', inside: 'c5ab' },
      { screen: 'code', id: 'd1' },
      { screen: 'train', id: 'd0k3' },
      { screen: 'sweeps', id: 'd0k3' },
      { screen: 'play', id: 'd0k3' },
    ]
    for (const route of routes) expect(routeOf(hrefOf(route))).toEqual(route)
  })

  it('lead to results of runs', () => {
    for (const hash of ['#/leaderboard', '#/compare/', '#/compare/r1', '#/compare/r1,r2'])
      expect(routeOf(hash)).toEqual({ screen: 'results' })
    for (const hash of ['#/leaderboards', '#/compare']) expect(routeOf(hash)).toEqual({ screen: 'designs' })
  })

  it('lead to the list when they make no sense', () => {
    for (const hash of [
      '',
      '#',
      '#/d/',
      '#/d/../x',
      '#/d/D1',
      '#/d/d1/play/x',
      '#/d/d1/in/',
      '#/d/d1/in/C5',
      '#/d/d1/in/c5/code',
    ])
      expect(routeOf(hash)).toEqual({ screen: 'designs' })
  })
})
