import { describe, expect, test } from 'vitest';
import * as d from './decimal';

const of = d.dec;

describe('decimal', () => {
  test('what a float cannot add is added exactly', () => {
    expect(d.plain(d.add(of('0.1'), of('0.2')))).toBe('0.3');
    expect(d.plain(d.mul(of('67123.45'), of('0.00000003')))).toBe('0.0020137035');
    expect(d.plain(d.add(of('9007199254740993'), of('0.00000001')))).toBe('9007199254740993.00000001');
  });

  test('the forms people and the venue write are read', () => {
    expect(d.plain(of('.5'))).toBe('0.5');
    expect(d.plain(of(' 3. '))).toBe('3');
    expect(d.plain(of('-0.05'))).toBe('-0.05');
    expect(d.plain(of(1e-7))).toBe('0.0000001');
    expect(d.plain(of('2e3'))).toBe('2000');
  });

  test('what is not a decimal is refused', () => {
    for (const text of ['', '.', '-', '1,000', '0x10', '1.2.3', 'NaN', 'Infinity', '1e9999']) expect(d.parse(text)).toBeNull();
    expect(() => of('ten')).toThrow('not a decimal');
  });

  test('digits beyond the scale are refused unless they are zero', () => {
    expect(d.unitsAt('1.5000', 2)).toBe(150n);
    expect(() => d.unitsAt('1.505', 2)).toThrow('more than 2 decimals');
  });

  test('a tick says how many decimals a price has', () => {
    expect(['0.01', '0.0100', '10', '1.0', '0.00000001'].map(d.decimalsOf)).toEqual([2, 2, 0, 0, 8]);
  });

  test('division and flooring never give more than there is', () => {
    expect(d.plain(d.divDown(of('100'), of('3'), 4))).toBe('33.3333');
    expect(d.plain(d.divDown(of('0.05'), of('0.001'), 2))).toBe('50.00');
    expect(() => d.divDown(of('1'), of('0.00'), 2)).toThrow('division by zero');
    expect(d.plain(d.floorTo(of('1.23456'), of('0.05')))).toBe('1.20000');
  });

  test('comparison ignores how many zeros were written', () => {
    expect(d.cmp(of('1.50'), of('1.5'))).toBe(0);
    expect(d.cmp(of('-2'), of('1'))).toBe(-1);
    expect(d.isMultipleOf(of('67123.45'), of('0.05'))).toBe(true);
    expect(d.isMultipleOf(of('67123.46'), of('0.05'))).toBe(false);
  });

  test('fees round away from zero and other amounts towards it', () => {
    expect(d.plain(d.toScale(of('0.0101'), 2, 'up'))).toBe('0.02');
    expect(d.plain(d.toScale(of('0.0199'), 2))).toBe('0.01');
    expect(d.plain(d.toScale(of('-0.0101'), 2, 'up'))).toBe('-0.02');
  });

  test('amounts are shown with thousands and without idle zeros', () => {
    expect(d.grouped(6712345n, 2)).toBe('67,123.45');
    expect(d.grouped(-5n, 2)).toBe('-0.05');
    expect(d.shown(of('100000.00000000'), 2)).toBe('100,000.00');
    expect(d.shown(of('0.12345678'), 2)).toBe('0.12345678');
    expect(d.shown(of('0.1'), 0)).toBe('0.1');
  });
});
