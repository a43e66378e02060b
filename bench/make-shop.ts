import { createShop } from '../demo/shop.ts';

const [path = '', size = ''] = process.argv.slice(2);
createShop(path, Number(size));
