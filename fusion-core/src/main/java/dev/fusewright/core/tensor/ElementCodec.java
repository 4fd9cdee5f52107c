/*
 * Copyright the Fusewright authors.
 *
 * Licensed under the Apache License, Version 2.0 (the "License"); you may not use this file except
 * in compliance with the License. You may obtain a copy of the License at
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software distributed under the License
 * is distributed on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express
 * or implied. See the License for the specific language governing permissions and limitations under
 * the License.
 */
package dev.fusewright.core.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;

/**
 * Elements of one type to and from doubles.
 *
 * <p>Decoding is exact for every floating-point type and for integers of up to 53 bits. Encoding
 * rounds once, to nearest with ties to even, overflowing to infinity; integers are truncated as
 * Java casts truncate.
 */
public enum ElementCodec {
  /** {@link ElementType#FLOAT}. */
  FLOAT {
    @Override
    double decodeOne(ByteBuffer source) {
      return source.getFloat();
    }

    @Override
    void encodeOne(double value, ByteBuffer destination) {
      destination.putFloat((float) value);
    }

    @Override
    public void decode(ByteBuffer source, double[] values, int at, int count) {
      FloatBuffer floats = source.slice().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
      float[] chunk = new float[Math.min(CHUNK, count)];
      for (int done = 0; done < count; done += chunk.length) {
        int part = Math.min(chunk.length, count - done);
        floats.get(chunk, 0, part);
        RoundedProducts.widen(chunk, values, at + done, part);
      }
      source.position(source.position() + count * Float.BYTES);
    }
  },
  /** {@link ElementType#DOUBLE}. */
  DOUBLE {
    @Override
    double decodeOne(ByteBuffer source) {
      return source.getDouble();
    }

    @Override
    void encodeOne(double value, ByteBuffer destination) {
      destination.putDouble(value);
    }
  },
  /** {@link ElementType#FLOAT16}. */
  FLOAT16 {
    @Override
    double decodeOne(ByteBuffer source) {
      return SmallFloats.decodeHalf(source.getShort());
    }

    @Override
    void encodeOne(double value, ByteBuffer destination) {
      destination.putShort(SmallFloats.encodeHalf(value));
    }
  },
  /** {@link ElementType#BFLOAT16}. */
  BFLOAT16 {
    @Override
    double decodeOne(ByteBuffer source) {
      return SmallFloats.decodeBrain(source.getShort());
    }

    @Override
    void encodeOne(double value, ByteBuffer destination) {
      destination.putShort(SmallFloats.encodeBrain(value));
    }
  },
  /** {@link ElementType#INT64}. */
  INT64 {
    @Override
    double decodeOne(ByteBuffer source) {
      return source.getLong();
    }

    @Override
    void encodeOne(double value, ByteBuffer destination) {
      destination.putLong((long) value);
    }
  },
  /** {@link ElementType#INT32}. */
  INT32 {
    @Override
    double decodeOne(ByteBuffer source) {
      return source.getInt();
    }

    @Override
    void encodeOne(double value, ByteBuffer destination) {
      destination.putInt((int) value);
    }
  },
  /** {@link ElementType#INT16}. */
  INT16 {
    @Override
    double decodeOne(ByteBuffer source) {
      return source.getShort();
    }

    @Override
    void encodeOne(double value, ByteBuffer destination) {
      destination.putShort((short) value);
    }
  },
  /** {@link ElementType#UINT32}. */
  UINT32 {
    @Override
    double decodeOne(ByteBuffer source) {
      return source.getInt() & 0xffffffffL;
    }

    @Override
    void encodeOne(double value, ByteBuffer destination) {
      destination.putInt((int) (long) value);
    }
  },
  /** {@link ElementType#UINT64}. */
  UINT64 {
    @Override
    double decodeOne(ByteBuffer source) {
      long bits = source.getLong();
      // Half of it fits into a signed long; the lowest bit is kept, so that rounding is right.
      return bits >= 0 ? bits : ((bits >>> 1) | (bits & 1)) * 2.0;
    }

    @Override
    void encodeOne(double value, ByteBuffer destination) {
      boolean high = value >= 0x1p63;
      destination.putLong(high ? (long) (value - 0x1p63) | Long.MIN_VALUE : (long) value);
    }
  },
  /** {@link ElementType#UINT16}. */
  UINT16 {
    @Override
    double decodeOne(ByteBuffer source) {
      return source.getShort() & 0xffff;
    }

    @Override
    void encodeOne(double value, ByteBuffer destination) {
      destination.putShort((short) (int) value);
    }
  },
  /** {@link ElementType#INT8}. */
  INT8 {
    @Override
    double decodeOne(ByteBuffer source) {
      return source.get();
    }

    @Override
    void encodeOne(double value, ByteBuffer destination) {
      destination.put((byte) value);
    }
  },
  /** {@link ElementType#UINT8} and {@link ElementType#BOOL}. */
  UINT8 {
    @Override
    double decodeOne(ByteBuffer source) {
      return source.get() & 0xff;
    }

    @Override
    void encodeOne(double value, ByteBuffer destination) {
      destination.put((byte) (int) value);
    }
  };

  private static final int CHUNK = 1 << 10;

  abstract double decodeOne(ByteBuffer source);

  abstract void encodeOne(double value, ByteBuffer destination);

  /** Whether {@link #of} has a codec for {@code type}. */
  public static boolean supports(ElementType type) {
    return switch (type) {
      case FLOAT,
          DOUBLE,
          FLOAT16,
          BFLOAT16,
          INT64,
          INT32,
          INT16,
          INT8,
          UINT64,
          UINT32,
          UINT16,
          UINT8,
          BOOL ->
          true;
      case UNDEFINED,
          STRING,
          COMPLEX64,
          COMPLEX128,
          FLOAT8E4M3FN,
          FLOAT8E4M3FNUZ,
          FLOAT8E5M2,
          FLOAT8E5M2FNUZ,
          UINT4,
          INT4,
          FLOAT4E2M1,
          FLOAT8E8M0,
          UINT2,
          INT2 ->
          false;
    };
  }

  /**
   * The codec of {@code type}.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static ElementCodec of(ElementType type) {
    if (!supports(type)) {
      throw new IllegalArgumentException("no arithmetic on " + type.text());
    }
    return type == ElementType.BOOL ? UINT8 : valueOf(type.name());
  }

  /**
   * Reads {@code count} elements from a little-endian buffer into {@code values} from {@code at}.
   */
  public void decode(ByteBuffer source, double[] values, int at, int count) {
    for (int i = 0; i < count; i++) {
      values[at + i] = decodeOne(source);
    }
  }

  /** Writes {@code count} values from {@code at} into a little-endian buffer. */
  public void encode(double[] values, int at, int count, ByteBuffer destination) {
    for (int i = 0; i < count; i++) {
      encodeOne(values[at + i], destination);
    }
  }

  /** {@code value} as it is after being stored once. */
  public double round(double value) {
    ByteBuffer one = ByteBuffer.allocate(Long.BYTES);
    encodeOne(value, one);
    return decodeOne(one.flip());
  }
}
