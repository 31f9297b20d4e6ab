//! Random numbers of the benchmark: named streams of SplitMix64 and the distributions that worlds need.
//! It knows no world; the same name gives the same numbers on every machine.

/// A stream of pseudo-random numbers: SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number
/// generators", OOPSLA 2014).
#[derive(Debug, Clone)]
pub struct Stream(u64);

impl Stream {
    /// The stream of a seed, a name and a number. Streams of different names are unrelated, so that what one
    /// part of a world draws never moves another part.
    pub fn named(seed: u64, name: &str, number: u64) -> Self {
        let mut stream = Self(seed);
        for byte in name.bytes() {
            stream.0 ^= u64::from(byte);
            stream.0 = stream.next();
        }
        stream.0 ^= number;
        stream.0 = stream.next();
        stream
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Uniform in 0..1, without 1.
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit an f64 exactly")]
    pub fn uniform(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// True with this probability.
    pub fn happens(&mut self, probability: f64) -> bool {
        self.uniform() < probability
    }

    /// A whole number below `limit`; 0 where the limit is 0.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "the product is at least 0 and below a small limit"
    )]
    pub fn below(&mut self, limit: usize) -> usize {
        let drawn = (self.uniform() * limit as f64) as usize;
        drawn.min(limit.saturating_sub(1))
    }

    /// Normal with this mean and standard deviation (Box and Muller, 1958). Always takes two numbers.
    pub fn normal(&mut self, mean: f64, deviation: f64) -> f64 {
        let radius = libm::sqrt(-2.0 * libm::log(1.0 - self.uniform()));
        let turn = 2.0 * core::f64::consts::PI * self.uniform();
        mean + deviation * radius * libm::cos(turn)
    }

    /// Exponential with this mean.
    pub fn exponential(&mut self, mean: f64) -> f64 {
        -mean * libm::log(1.0 - self.uniform())
    }

    /// Gamma with this shape below 1 and scale 1 (Marsaglia and Tsang, 2000, with their boost for shapes below 1).
    pub fn gamma_below_one(&mut self, shape: f64) -> f64 {
        // The paper's d, c, x and v.
        let size = shape + 1.0 - 1.0 / 3.0;
        let slope = 1.0 / libm::sqrt(9.0 * size);
        loop {
            let normal = self.normal(0.0, 1.0);
            let root = 1.0 + slope * normal;
            let uniform = 1.0 - self.uniform();
            if root > 0.0 {
                let cube = root * root * root;
                if libm::log(uniform) < 0.5 * normal * normal + size - size * cube + size * libm::log(cube) {
                    return size * cube * libm::pow(1.0 - self.uniform(), 1.0 / shape);
                }
            }
        }
    }

    /// The place of a weight, drawn in proportion to the weights.
    pub fn weighted(&mut self, weights: &[f64]) -> usize {
        place_of(weights, self.uniform())
    }

    /// So many different items, in the order in which they were drawn.
    pub fn sample(&mut self, mut items: Vec<usize>, count: usize) -> Vec<usize> {
        let mut drawn = Vec::new();
        while drawn.len() < count && !items.is_empty() {
            let at = self.below(items.len());
            drawn.push(items.swap_remove(at));
        }
        drawn
    }
}

/// The place at which the running sum of the weights passes this share of their whole.
pub fn place_of(weights: &[f64], share: f64) -> usize {
    let whole: f64 = weights.iter().sum();
    let mut sum = 0.0;
    for (at, weight) in weights.iter().enumerate() {
        sum += weight;
        if share * whole < sum {
            return at;
        }
    }
    weights.len().saturating_sub(1)
}
