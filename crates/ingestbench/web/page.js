// Bodies are read where they are read in the product: in a worker.
new Worker("worker.js");
