package lakeward;

import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.unsafe.types.UTF8String;

/** {@code seal(text, key, aad)}: a text sealed under a nonce of its own; null for null. */
public final class Seal extends Function {
  Seal() {
    super(
        "seal",
        DataTypes.BinaryType,
        new DataType[] {DataTypes.StringType, DataTypes.BinaryType, DataTypes.StringType});
  }

  @Override
  public boolean isDeterministic() {
    return false;
  }

  /** See the class. */
  public static byte[] invoke(UTF8String text, byte[] key, UTF8String aad) {
    return text == null ? null : Gcm.seal(text.getBytes(), key, aad.getBytes());
  }
}
