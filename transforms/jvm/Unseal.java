package lakeward;

import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.unsafe.types.UTF8String;

/** {@code unseal(sealed, key, aad)}: the sealed text; null for null, and where it does not open. */
public final class Unseal extends Function {
  Unseal() {
    super(
        "unseal",
        DataTypes.StringType,
        new DataType[] {DataTypes.BinaryType, DataTypes.BinaryType, DataTypes.StringType});
  }

  /** See the class. */
  public static UTF8String invoke(byte[] sealed, byte[] key, UTF8String aad) {
    return sealed == null ? null : UTF8String.fromBytes(Gcm.open(sealed, key, aad.getBytes()));
  }
}
