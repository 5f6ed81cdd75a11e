package lakeward;

import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.connector.catalog.functions.BoundFunction;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * {@code flat_texts(json, shape)}: what from_json gives for a struct of texts, where the JSON is one flat object of
 * texts and nulls, as most records are. Null where it is anything else: then from_json has to look. {@code shape} is
 * a null of the struct's type.
 */
public final class FlatTexts extends Function {
  private final byte[][] names;

  FlatTexts() {
    this(new StructType());
  }

  private FlatTexts(StructType shape) {
    super("flat_texts", shape, new DataType[] {DataTypes.StringType, shape});
    names = new byte[shape.fieldNames().length][];
    for (int i = 0; i < names.length; i++) {
      names[i] = UTF8String.fromString(shape.fieldNames()[i]).getBytes();
    }
  }

  @Override
  public BoundFunction bind(StructType given) {
    return new FlatTexts((StructType) given.fields()[1].dataType());
  }

  /** See the class. */
  public InternalRow invoke(UTF8String json, InternalRow shape) {
    Object[] texts = json == null ? null : new FlatJson(json.getBytes(), names).read();
    return texts == null ? null : new GenericInternalRow(texts);
  }
}
